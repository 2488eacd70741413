"""An orders file becomes narrow typed rows: what each one says of order, customer, day, money and state.

Ids and customers are fingerprints of their text, 64 bits each, because numbers are held, sorted and compared many times
faster. Two of 100 million texts may share a fingerprint by chance, so whoever counts by one verifies it with a second
(customer_check, order_check).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from merchant_check.read import amounts, dates
from merchant_check.read.account import TOTAL_ROW, Account, ReadSettings
from merchant_check.read.formats import fold_words
from merchant_check.read.recognise import Layout
from merchant_check.read.table import SHOWN_LINES
from merchant_check.read.text import by_value, closely, closely_read, folded, rewritten, text

BY_NAME = "name "  # begins the key of a customer who is known by nothing else
LEFT_OUT = ("cancelled", "unpaid", "not a sale")
"""What a row's state may be for which it does not count."""
STATE = pl.Enum([*LEFT_OUT, "refunded", "kept"])
RUINED_ID = r"^[0-9](?:\.[0-9]+)?[eE]\+[0-9]+$"  # 1.23E+17: the other digits are lost, so orders would merge
PLAIN_ID = r"^[#A-Za-z0-9][#A-Za-z0-9_/.-]*[0-9]$"
PLAIN_EMAIL = r"^[a-z0-9][a-z0-9._+-]*@[a-z0-9.-]*[a-z]$"
"""Ids and addresses that are their own key: nothing in them to trim, to fold or to take for a word such as total."""
AGAIN = "same order in another file"
FATE = pl.Enum([*LEFT_OUT, "other currency", "in the future", "amount 0 without a customer", AGAIN, "after as_of"])
"""Why an order does not count."""
IDS = {"order": "id", "name": "name"}
NUMBER = "number "  # begins the name of a column with a cell's number
UNREADABLE = pl.Enum(
    [
        *(TOTAL_ROW, *LEFT_OUT),
        *("unreadable order id", "order id ruined by a spreadsheet"),
        *("unreadable date", "unreadable amount", "unreadable refund"),
    ]
)
"""Why a row can't be read, or need not be."""


@dataclass(frozen=True)
class RowReader:
    """Reads rows of one orders file; how its dates and amounts are written is settled.

    The rows have typed values, null where a value can't be read or isn't there: file (UInt8) and line (UInt32); order
    and, where the file has it, order_name (fingerprints); total, ruined (Boolean: the id is a word such as total, or
    cut by a spreadsheet); customer, customer_check (fingerprints), by_name (Boolean); day (Date); amount, refund
    (Int64, ten-thousandths); amount_blank, returned, refund_unread (Boolean); state (STATE); status (a word of state
    that is not known) and currency (Categorical); and the signs that stand at amounts.
    """

    file: int
    account: Account
    read: Mapping[str, pl.Expr]
    values: Mapping[str, pl.Expr]

    def rows(self, cells: pl.LazyFrame) -> pl.LazyFrame:
        """The rows of (a part of) the file's table: what is `read` from cells first, then the `values` that follow."""
        return cells.with_columns(**self.read).select(pl.lit(self.file, pl.UInt8).alias("file"), "line", **self.values)

    def checked(self, cells: pl.LazyFrame) -> pl.LazyFrame:
        """The rows with order_check (and name_check), which verify the fingerprints, and row_check, which stands for
        all cells of a row."""
        checks = {f"{name}_check": second_fingerprint(pl.col(text)) for name, text in IDS.items() if text in self.read}
        checks["row_check"] = pl.struct(pl.col("^c[0-9]+$")).hash()
        return replace(self, values={**self.values, **checks}).rows(cells)


def row_reader(file: int, account: Account, settings: ReadSettings) -> RowReader:
    """The reader of the `file`-th file. Raises UserError where it leaves open how its dates or amounts are written."""
    layout = account.layout
    written_as = account.settle_dates("ordered_at", settings.today)
    days = account.sample.select(layout.cell("ordered_at")).to_series()
    key, odd_id = pl.col("key"), pl.when(~pl.col("id").str.contains(PLAIN_ID)).then("id")
    numbers, money = _money(account)
    meanings, states = _states(account)
    read = {"id": text(layout.cell("order_id"), PLAIN_ID), "key": _customer(layout), **numbers, **meanings}
    values = {
        "order": fingerprint(pl.col("id")),
        "total": folded(odd_id).is_in(list(fold_words("total_words"))).fill_null(value=False),
        "ruined": odd_id.str.contains(RUINED_ID).fill_null(value=False),
        "customer": fingerprint(key),
        "customer_check": (second_fingerprint(key) // 2**32).cast(pl.UInt32),
        "by_name": key.str.starts_with(BY_NAME).fill_null(value=False),
        "day": dates.day(layout.cell("ordered_at"), written_as, settings.timezone, sample=days),
        **money,
        **states,
        "currency": _currency(account),
        **account.signs_at("amount", "unit_price", "refund", "after_refund"),
    }
    if layout.has("order_name"):
        read["name"] = layout.text("order_name")
        values["order_name"] = fingerprint(pl.col("name"))
    if layout.traits.get("returns") == "by state":
        sent = values["returned"] & (states["state"] == "kept")
        values["state"] = pl.when(sent).then(pl.lit("not a sale", STATE)).otherwise(states["state"])
    values["returned"] &= ~values["state"].is_in(LEFT_OUT).fill_null(value=False)
    return RowReader(file, account, read, values)


# ---- rows that can't be read, or need not be


def readable(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows that can be read; those that can't be are for `book_unreadable`."""
    return rows.filter(_unreadable().is_null())


def book_unreadable(rows: pl.LazyFrame, account: Account) -> None:
    """Enter rows whose id, date, amount or refund can't be read in the file's book: as rejected; or as left out where
    nothing needs to be readable, as a total row or one that does not count anyway."""
    reasons = rows.select("line", reason=_unreadable()).drop_nulls("reason").group_by("reason")
    found = reasons.agg(pl.len(), first=pl.col("line").min(), lines=pl.col("line").bottom_k(SHOWN_LINES)).sort("first")
    for reason, count, _, lines in found.collect(engine="streaming").iter_rows():
        if reason in (TOTAL_ROW, *LEFT_OUT):
            account.leave_out(reason, count, lines)
        else:
            account.reject(reason, count, lines)


def _unreadable() -> pl.Expr:
    """The first reason that applies (UNREADABLE)."""

    def reason(word: str) -> pl.Expr:
        return pl.lit(word, UNREADABLE)

    unread = pl.col("day").is_null() | pl.col("amount").is_null()
    return (
        pl.when("total").then(reason(TOTAL_ROW))
        .when(unread & (pl.col("state") == "cancelled")).then(reason("cancelled"))
        .when(unread & (pl.col("state") == "unpaid")).then(reason("unpaid"))
        .when(unread & (pl.col("state") == "not a sale")).then(reason("not a sale"))
        .when(pl.col("order").is_null()).then(reason("unreadable order id"))
        .when("ruined").then(reason("order id ruined by a spreadsheet"))
        .when(pl.col("day").is_null()).then(reason("unreadable date"))
        .when(pl.col("amount").is_null()).then(reason("unreadable amount"))
        .when("refund_unread").then(reason("unreadable refund"))
    )  # fmt: skip


# ---- what a row says


def fingerprint(text: pl.Expr) -> pl.Expr:
    """64 bits that stand for a text (UInt64); null for null."""
    return pl.when(text.is_not_null()).then(text.hash())


def second_fingerprint(text: pl.Expr) -> pl.Expr:
    """64 further bits, independent of the first."""
    return pl.when(text.is_not_null()).then(text.hash(seed=1))


def _money(account: Account) -> tuple[dict[str, pl.Expr], dict[str, pl.Expr]]:
    """The numbers in the row's cells; and what they say: its amount and refund, and whether it is a refund itself."""
    layout = account.layout
    names = [name for name in ("amount", "quantity", "unit_price", "refund", "after_refund") if layout.has(name)]
    decimal = account.settle_decimals(*names)
    cells = {
        **{name: layout.cell(name) for name in names},
        **{part: pl.col(part) for part in (*layout.plus, *layout.minus)},
    }
    numbers = {f"{NUMBER}{name}": amounts.number(cell, decimal) for name, cell in cells.items()}

    def number(name: str) -> pl.Expr:
        return pl.col(f"{NUMBER}{name}") if name in cells else pl.lit(None, pl.Float64)

    def nothing(name: str) -> pl.Expr:
        """Nothing stands in the cell; one that was read as a number need not be looked at again."""
        unread = pl.when(number(name).is_null()).then(cells.get(name, pl.lit(None, pl.String)))
        return number(name).is_null() & closely_read(unread, closely, pl.String).is_null()

    if priced_by_line(layout):
        amount, blank = amounts.minor(number("quantity") * number("unit_price")), pl.lit(value=False)
        # a credit note's lines have a negative quantity, so its id (C1234) need not be believed
        returned = (number("quantity") < 0).fill_null(value=False)
    else:
        # a part that is not there is none, but one that can't be read makes the sum unreadable
        parts = {
            part: pl.when(nothing(part)).then(0.0).otherwise(number(part)) for part in (*layout.plus, *layout.minus)
        }
        plus, minus = ([parts[part] for part in each] for each in (layout.plus, layout.minus))
        amount = amounts.minor(sum(plus, number("amount")) - sum((part.abs() for part in minus), pl.lit(0.0)))
        returned, blank = (amount < 0).fill_null(value=False), nothing("amount")
    refund = amounts.minor(number("refund")).abs()
    unread = number("refund").is_null() & ~nothing("refund")
    if layout.has("after_refund"):
        left = amounts.minor(number("after_refund"))
        refund = pl.when((left > 0) & (left < amount)).then(amount - left)  # 0.00 may just mean "not adjusted"
        unread = left.is_null() & ~nothing("after_refund")
    values = {"amount": amount, "amount_blank": blank, "returned": returned, "refund": refund, "refund_unread": unread}
    return numbers, values


def _states(account: Account) -> tuple[dict[str, pl.Expr], dict[str, pl.Expr]]:
    """What each cell of state means; and what became of the row: the first reason to leave it out, else refunded or
    kept, and the first unknown word."""
    states = account.layout.states
    read = {f"state {state.index}": state.meaning(STATE, account.common(state.column)) for state in states}
    meanings = [pl.col(name) for name in read]
    left_out = [pl.when(meaning.is_in(LEFT_OUT)).then(meaning) for meaning in meanings]
    refunded = [pl.when(meaning == "refunded").then(meaning) for meaning in meanings]
    unknown = [
        closely_read(pl.when(meaning.is_null()).then(pl.col(state.column)), closely, pl.String)
        for state, meaning in zip(states, meanings, strict=True)
    ]
    found = {
        "state": pl.coalesce(*left_out, *refunded, *meanings, pl.lit(None, STATE)),
        "status": pl.coalesce(*unknown, pl.lit(None, pl.String)).cast(pl.Categorical),
    }
    return read, found


def _currency(account: Account) -> pl.Expr:
    """The currency's code in capitals."""
    layout = account.layout
    if not layout.has("currency"):
        return pl.lit(None, pl.Categorical)
    (column, *others) = layout.columns["currency"]
    common = [] if others else account.common(column)
    return by_value(layout.cell("currency"), str.upper, common=common).cast(pl.Categorical)


def _customer(layout: Layout) -> pl.Expr:
    """The normalised key: e-mail, else customer id, else phone digits, else the name; null for a guest."""
    keys = []
    if layout.has("email"):
        keys.append(rewritten(layout.cell("email"), PLAIN_EMAIL, _address))
    if layout.has("customer_id"):
        keys.append(rewritten(layout.cell("customer_id"), f"{PLAIN_EMAIL}|{PLAIN_ID}", _address_or_id))
    if layout.has("phone"):
        digits = layout.text("phone").str.replace_all("[^0-9]", "")
        keys.append(pl.when(digits != "").then(pl.lit("phone ") + digits))
    if layout.has("customer_name"):
        name = layout.text("customer_name").str.to_lowercase()
        keys.append(pl.lit(BY_NAME) + pl.when(~folded(name).is_in(_guests())).then(name))
    return pl.coalesce(*keys, pl.lit(None, pl.String))


def _address(cells: pl.Series) -> pl.Series:
    return _nobody_as_null(closely(cells).str.to_lowercase())


def _address_or_id(cells: pl.Series) -> pl.Series:
    written = closely(cells)
    return _nobody_as_null(written.zip_with(~written.str.contains("@", literal=True), written.str.to_lowercase()))


def _nobody_as_null(keys: pl.Series) -> pl.Series:
    return keys.to_frame("key").select(pl.when(~folded(pl.col("key")).is_in(_guests())).then("key")).to_series()


def _guests() -> list[str]:
    return list(fold_words("guest_words"))


def priced_by_line(layout: Layout) -> bool:
    """Whether the rows are lines of a quantity at a price, and the order's amount is their sum."""
    return "amount" not in layout.columns
