"""Ways through the reading room that its tests share: small texts become files, tables, orders and refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from merchant_check.errors import UserError
from merchant_check.facts import MINOR
from merchant_check.read.account import Account, ReadSettings
from merchant_check.read.held import Space
from merchant_check.read.order_rows import fingerprint
from merchant_check.read.orders import Orders, read_orders
from merchant_check.read.recognise import Layout, assign, known
from merchant_check.read.scratch import Scratch
from merchant_check.read.table import Dialect, Table, open_table
from merchant_check.report import Input, SetAside

TODAY = date(2030, 1, 1)
MEMORY = 1 << 30
HEADER = "order_id,customer_id,ordered_at,amount\n"

SCRATCH = Scratch()
"""Holds the temporary files of all tests, as tables are read as long as a test lasts."""

Cells = tuple[int | str | None, ...]


def put(folder: Path, content: str | bytes, name: str = "orders.csv") -> str:
    """Write a file; returns its path."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def table(folder: Path, content: str | bytes, name: str = "orders.csv", **told: str) -> Table:
    """The file as a table; `told`: its encoding or delimiter."""
    return open_table(put(folder, content, name), name, known, SCRATCH, Dialect(**told))


def rows(found: Table) -> list[Cells]:
    """Each usable row: its line, then its cells."""
    return found.frame.select("line", pl.col("^c[0-9]+$")).collect().rows()


def odd(found: Table) -> list[int]:
    """The lines that are no sound rows."""
    return [item.line for item in found.odd]


def layouts(folder: Path, *contents: str, columns: Mapping[str, Mapping[str, str]] | None = None) -> list[Layout]:
    """What each file is taken for, in the order in which the files are served."""
    tables: list[tuple[Table, str | None]] = [
        (table(folder, content, f"file{number}.csv"), None) for number, content in enumerate(contents, 1)
    ]
    return [layout for _, layout in assign(tables, columns or {})]


def read(
    folder: Path,
    *contents: str | bytes,
    columns: Mapping[str, str] | None = None,
    max_rejected: float = 1.0,
    today: date = TODAY,
    **settings: Any,
) -> Orders:
    """Read orders files; unless said otherwise unreadable rows are only set aside."""
    tables = [(table(folder, content, f"orders{number}.csv"), "orders") for number, content in enumerate(contents, 1)]
    served = assign(tables, {"orders": columns or {}})
    reading = ReadSettings(today=today, max_rejected=max_rejected, **settings)
    orders = read_orders(served, reading, Space(SCRATCH, MEMORY))
    for source in orders.inputs:
        assert_accounted(source)
    return orders


def assert_accounted(source: Input) -> None:
    """Every row read is in exactly one place."""
    aside = sum(item.rows for item in (*source.rejected, *source.left_out))
    assert source.rows_read == source.rows_used + aside
    assert source.rows_used >= 0


def account(folder: Path, content: str, role: str, columns: Mapping[str, str] | None = None) -> Account:
    """The book of a staffing or cash file."""
    return Account(*assign([(table(folder, content, f"{role}.csv"), role)], {role: columns or {}})[0])


def conventions(source: Input) -> dict[str, str]:
    """How each field, and the file's amounts, were taken to be written."""
    return {item.what: item.how for item in source.conventions}


def refusal(act: Callable[[], object]) -> UserError:
    """The refusal that the call ends in."""
    with pytest.raises(UserError) as caught:
        act()
    return caught.value


def reasons(items: tuple[SetAside, ...]) -> dict[str, int]:
    """Rows set aside, by reason."""
    found: dict[str, int] = {}
    for item in items:
        found[item.reason] = found.get(item.reason, 0) + item.rows
    return found


def lines(items: tuple[SetAside, ...]) -> dict[str, tuple[int, ...]]:
    """The lines named for rows set aside, by reason."""
    return {item.reason: item.lines for item in items}


def ledger(orders: Orders) -> pl.DataFrame:
    """The orders and refunds as they stand in the files."""
    return orders.scan().sort("file", "line").collect()


def fingerprints(*keys: str | None) -> list[int | None]:
    """How these customers are told in the rows."""
    return pl.Series(keys, dtype=pl.String).to_frame("key").select(fingerprint(pl.col("key"))).to_series().to_list()


def days(orders: Orders) -> list[str]:
    """The day of each order and refund, as read."""
    return [str(day) for day in ledger(orders)["day"]]


def amounts(orders: Orders) -> list[float]:
    """What each order brought; refunds that stand on their own are negative."""
    return [(revenue - refund) / MINOR for revenue, refund in ledger(orders).select("revenue", "refund").iter_rows()]


def customers(orders: Orders) -> list[int | None]:
    return ledger(orders)["customer"].to_list()


def revenue(orders: Orders) -> float:
    return int(ledger(orders)["revenue"].sum()) / MINOR


def refunds(orders: Orders) -> float:
    return int(ledger(orders)["refund"].sum()) / MINOR


def count(orders: Orders) -> int:
    return int(ledger(orders)["orders"].sum())
