"""Which orders count, and why others do not: told by a census, a small table of how many there are of each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from merchant_check.errors import Open, UserError, clean
from merchant_check.read.account import Account, ReadSettings, counted
from merchant_check.read.order_rows import LEFT_OUT
from merchant_check.read.recognise import CUSTOMER_FIELDS
from merchant_check.read.table import SHOWN_LINES
from merchant_check.report import Input

AGAIN = "same order in another file"
FATE = pl.Enum([*LEFT_OUT, "other currency", "in the future", "amount 0 without a customer", AGAIN, "after as_of"])
"""Why an order does not count."""
KIND = ("file", "day", "state", "status", "currency", "returned", "by_name", "again", "free", "guest")
"""What tells an order's fate, and what is told of it: `again` (Boolean) is an order that another file has too, `free`
one of amount 0, `guest` one without a customer."""
LAST_LINE = 2**32 - 1  # that a row can stand on


def census(orders: Sequence[pl.LazyFrame]) -> pl.DataFrame:
    """How many orders and refunds there are of each KIND, on how many rows (see orders._Found), the first on which
    line."""
    every = pl.concat([part.select(*KIND, "rows", "line", orders=pl.lit(1, pl.Int64)) for part in orders])
    kinds = every.group_by(KIND).agg(pl.col("orders", "rows").sum(), pl.col("line").min())
    return kinds.collect(engine="streaming")


def only_currency(kinds: pl.DataFrame, wanted: str | None, accounts: Sequence[Account]) -> str | None:
    """The currency of all amounts; raises UserError where there are several and none was chosen."""
    counts = kinds.drop_nulls("currency").group_by(code=pl.col("currency").cast(pl.String)).agg(pl.col("orders").sum())
    codes = counts.sort("orders", "code", descending=[True, False])["code"].to_list()
    if wanted is None and len(codes) > 1:
        raise UserError(
            "several-currencies",
            f"the amounts are in several currencies ({', '.join(map(clean, codes[:SHOWN_LINES]))})",
            remedy=f"set merchant.currency, e.g. {clean(codes[0])}: rows in other currencies are then left out",
            where=accounts[0].table.where(),
            question=Open("merchant.currency", tuple(codes)),
        )
    return wanted or (codes[0] if codes else None)


def fate(settings: ReadSettings, currency: str | None, as_of: date | None = None) -> pl.Expr:
    """Why an order does not count, null where it does; the first reason that applies is the one told (FATE)."""
    reasons = {
        **{word: pl.col("state") == word for word in LEFT_OUT},
        "other currency": pl.col("currency") != pl.lit(currency, pl.Categorical),
        "in the future": pl.col("day") > settings.today,
        "amount 0 without a customer": pl.col("free") & pl.col("guest") & ~pl.col("returned"),
        AGAIN: pl.col("again"),
        "after as_of": pl.col("day") > (as_of or settings.today),
    }
    found = pl.lit(None, FATE)
    for word, applies in reversed(reasons.items()):
        found = pl.when(applies).then(pl.lit(word, FATE)).otherwise(found)
    return found


def newest_days(kinds: pl.DataFrame) -> pl.DataFrame:
    """The newest day of each file's orders that count; `kinds` have a fate."""
    return _kept(kinds).group_by("file").agg(newest=pl.col("day").max())


def newest_day(kinds: pl.DataFrame, accounts: Sequence[Account]) -> date:
    """The day of the newest order that counts; raises UserError where none does."""
    newest = _kept(kinds).filter(~pl.col("returned"))["day"].max()
    if not isinstance(newest, date):
        raise _nothing_left(kinds, accounts)
    return newest


def book(kinds: pl.DataFrame, orders: Sequence[pl.LazyFrame], accounts: Sequence[Account]) -> tuple[Input, ...]:
    """Enter the orders that do not count in their files' books, with what is odd about those that do; the books'
    entries in the report. The kinds and the orders have a fate. Raises UserError where no order counts."""
    for (file, why), rows, lines in _left_out(kinds, orders):
        accounts[file].leave_out(why, rows, lines)
    is_order = ~pl.col("returned")
    figures = {
        row["file"]: row
        for row in _kept(kinds)
        .group_by("file")
        .agg(
            pl.col("day").min().alias("first"),
            pl.col("day").max().alias("last"),
            pl.col("orders").filter(is_order).sum(),
            guests=pl.col("orders").filter(is_order & pl.col("guest")).sum(),
            by_name=(is_order & pl.col("by_name")).any(),
            free=pl.col("orders").filter(is_order & pl.col("free")).sum(),
        )
        .iter_rows(named=True)
    }
    if not any(row["orders"] for row in figures.values()):
        raise _nothing_left(kinds, accounts)
    words = _kept(kinds).filter(is_order).drop_nulls("status").with_columns(pl.col("status").cast(pl.String))
    unknown = words.group_by("file", "status").agg(pl.col("orders").sum())
    unknown = unknown.sort("orders", "status", descending=[True, False])
    for file, row in figures.items():
        _note(accounts[file], row, unknown.filter(file=file).head(3))
    nothing = {"first": None, "last": None}
    spans = [figures.get(file, nothing) for file in range(len(accounts))]
    return tuple(account.input(span["first"], span["last"]) for account, span in zip(accounts, spans, strict=True))


def _kept(kinds: pl.DataFrame) -> pl.DataFrame:
    return kinds.filter(pl.col("fate").is_null())


def _left_out(kinds: pl.DataFrame, orders: Sequence[pl.LazyFrame]) -> list[tuple[tuple[int, str], int, list[int]]]:
    """By file and fate, the first one of the file first: how many rows do not count, and the first of their lines."""
    off = kinds.drop_nulls("fate").group_by("file", "fate")
    # no line to be shown stands below the first ones of so many kinds
    enough = pl.when(pl.len() >= SHOWN_LINES).then(pl.col("line").bottom_k(SHOWN_LINES).max())
    entries = off.agg(pl.col("rows").sum(), first=pl.col("line").min(), until=enough.fill_null(LAST_LINE))
    every = pl.concat([part.select("file", "line", "fate") for part in orders])
    told = list(entries.sort("first").select("file", "fate", "rows", "until").iter_rows())
    lines = [
        every.filter(pl.col("line") <= until, file=file, fate=why).select("line").bottom_k(SHOWN_LINES, by="line")
        for file, why, _, until in told
    ]
    found = pl.collect_all(lines, engine="streaming")
    return [((file, why), rows, sorted(first["line"])) for (file, why, rows, _), first in zip(told, found, strict=True)]


def _note(account: Account, figures: Mapping[str, Any], unknown: pl.DataFrame) -> None:
    guests, free = figures["guests"], figures["free"]
    if guests and any(name in account.layout.columns for name in CUSTOMER_FIELDS):
        account.notes.append(f"{counted(guests, 'order')} without a customer: in revenue, not in customer figures")
    if figures["by_name"]:
        account.notes.append("customers are told apart by their names: two of one name count as one")
    if free:
        account.notes.append(f"{counted(free, 'order')} of amount 0")
    for _, word, count in unknown.iter_rows():
        account.notes.append(f"unknown status {clean(word)!r}: {counted(count, 'order')} kept")


def _nothing_left(kinds: pl.DataFrame, accounts: Sequence[Account]) -> UserError:
    reasons = kinds.drop_nulls("fate").group_by("fate").agg(pl.col("orders").sum())
    told = [f"{count} {why}" for why, count in reasons.sort("orders", descending=True).iter_rows()]
    return UserError(
        "no-orders",
        f"no orders are left to judge ({', '.join(told) or 'only refunds or unreadable rows'})",
        remedy="check the period (--as-of) and the export",
        where=accounts[0].table.where(),
    )
