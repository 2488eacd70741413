"""An orders file becomes narrow typed rows: what each one says of order, customer, day, money and state.

Ids and customers are fingerprints of their text, 64 bits each, because numbers are held, sorted and compared many times
faster. Two of 100 million texts may share a fingerprint by chance, so whoever counts by one verifies it with a second
(customer_check, order_check).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from merchant_check.read import amounts, dates
from merchant_check.read.account import SIGN, TOTAL_ROW, Account, ReadSettings
from merchant_check.read.formats import fold_words
from merchant_check.read.recognise import CUSTOMER_FIELDS, Layout
from merchant_check.read.table import SHOWN_LINES
from merchant_check.read.text import by_common, by_value, closely, closely_read, folded, matching, text

BY_NAME = "name "  # begins the key of a customer who is known by nothing else
FEW = 1 / 8  # of the rows: so many at most are fetched by their lines; more are read again with all the others
LEFT_OUT = ("cancelled", "unpaid", "not a sale")
"""What a row's state may be for which it does not count."""
STATE = pl.Enum([*LEFT_OUT, "refunded", "kept"])
RUINED_ID = r"^[0-9](?:\.[0-9]+)?[eE]\+[0-9]+$"  # 1.23E+17: the other digits are lost, so orders would merge
PLAIN_ID = r"^[#A-Za-z0-9][#A-Za-z0-9_/.-]*[0-9]$"
PLAIN_EMAIL = r"^[a-z0-9][a-z0-9._+-]*@[a-z0-9.-]*[a-z]$"
"""Ids and addresses that are their own key: nothing in them to trim, to fold or to take for a word such as total."""
IDS = {"order": "id", "name": "name"}
UNREADABLE = pl.Enum(
    [
        *(TOTAL_ROW, *LEFT_OUT),
        *("unreadable order id", "order id ruined by a spreadsheet"),
        *("unreadable date", "unreadable amount", "unreadable refund"),
    ]
)
"""Why a row can't be read, or need not be."""


@dataclass(frozen=True)
class Field:
    """What a column says, read in two ways: `quickly`, by polars alone, where its cells are plain, and `closely`,
    whatever they are like. `odd` tells the cells for which the quick way will not do."""

    quickly: pl.Expr
    closely: pl.Expr
    odd: pl.Expr = field(default_factory=lambda: pl.lit(value=False))


def _field(cell: pl.Expr, quickly: pl.Expr, closely: pl.Expr) -> Field:
    return Field(quickly, closely, cell.is_not_null() & quickly.is_null())


def _settled_ways(fields: Mapping[str, Field], sample: pl.DataFrame) -> dict[str, Field]:
    """The fields; those with many odd cells are read closely from the start, so that the others need not be."""
    odd = sample.select(each.odd.mean().fill_null(0).alias(name) for name, each in fields.items()).row(0, named=True)
    return {name: Field(each.closely, each.closely) if odd[name] > FEW else each for name, each in fields.items()}


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
    fields: Mapping[str, Field]
    values: Mapping[str, pl.Expr]

    def quickly(self, cells: pl.LazyFrame) -> pl.LazyFrame:
        """The rows of (a part of) the file's table; where `odd` is true they have to be read closely."""
        read = {name: each.quickly for name, each in self.fields.items()}
        odd = pl.any_horizontal(each.odd for each in self.fields.values())
        return self._rows(cells.with_columns(**read, odd=odd), "odd")

    def odd_share(self) -> float:
        """The share of the file's first rows that have to be read closely."""
        odd = pl.any_horizontal(each.odd for each in self.fields.values())
        return float(self.account.sample.select(odd.mean()).item() or 0)

    def closely(self, cells: pl.LazyFrame) -> pl.LazyFrame:
        """The rows, whatever their cells are like."""
        return self._rows(cells.with_columns(**{name: each.closely for name, each in self.fields.items()}))

    def checked(self, cells: pl.LazyFrame) -> pl.LazyFrame:
        """The rows with order_check (and name_check), which verify the fingerprints, and row_check, which stands for
        all cells of a row."""
        checks = {
            f"{name}_check": second_fingerprint(pl.col(text)) for name, text in IDS.items() if text in self.fields
        }
        checks["row_check"] = pl.struct(pl.col("^c[0-9]+$")).hash()
        return replace(self, values={**self.values, **checks}).closely(cells)

    def _rows(self, read: pl.LazyFrame, *more: str) -> pl.LazyFrame:
        return read.select(pl.lit(self.file, pl.UInt8).alias("file"), "line", *more, **self.values)


def row_reader(file: int, account: Account, settings: ReadSettings) -> RowReader:
    """The reader of the `file`-th file. Raises UserError where it leaves open how its dates or amounts are written."""
    layout, key = account.layout, pl.col("key")
    day = _day(account, settings)
    numbers, money = _money(account)
    fields = {**_ids(layout), **_customer(layout), "day": day, **numbers, **_states(account)}
    fields = _settled_ways(fields, account.sample)
    values = {
        "order": fingerprint(pl.col("id")),
        "total": pl.col("total"),
        "ruined": pl.col("ruined"),
        "customer": fingerprint(key),
        "customer_check": (second_fingerprint(key) // 2**32).cast(pl.UInt32),
        "by_name": key.str.starts_with(BY_NAME).fill_null(value=False)
        if layout.has("customer_name")
        else pl.lit(value=False),
        "day": pl.col("day"),
        **money,
        "state": pl.col("state"),
        "status": pl.col("status"),
        "currency": pl.col("currency"),
        **{name: pl.col(name) for name in fields if name.startswith(SIGN)},
    }
    if "name" in fields:
        values["order_name"] = fingerprint(pl.col("name"))
    if layout.traits.get("returns") == "by state":
        sent = values["returned"] & (pl.col("state") == "kept")
        values["state"] = pl.when(sent).then(pl.lit("not a sale", STATE)).otherwise("state")
    values["returned"] &= ~values["state"].is_in(LEFT_OUT).fill_null(value=False)
    return RowReader(file, account, fields, values)


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


def _ids(layout: Layout) -> dict[str, Field]:
    """The order's id and name, and what is wrong with an id; plain ids are neither totals nor ruined."""
    cell = layout.cell("order_id")
    written = text(cell)
    odd_id = pl.when(~written.str.contains(PLAIN_ID)).then(written)
    no, ids = pl.lit(value=False), _field(cell, matching(cell, PLAIN_ID), written)
    found = {
        "id": ids,
        "total": Field(no, folded(odd_id).is_in(list(fold_words("total_words"))).fill_null(value=False), ids.odd),
        "ruined": Field(no, odd_id.str.contains(RUINED_ID).fill_null(value=False), ids.odd),
    }
    if layout.has("order_name"):
        name = layout.cell("order_name")
        found["name"] = _field(name, matching(name, PLAIN_ID), text(name))
    return found


def _day(account: Account, settings: ReadSettings) -> Field:
    cell = account.layout.cell("ordered_at")
    written_as = account.settle_dates("ordered_at", settings.today)
    sample = account.sample.select(cell).to_series()
    how = (cell, written_as, settings.timezone)
    return _field(cell, dates.plain_day(*how, sample), dates.day(*how))


def _money(account: Account) -> tuple[dict[str, Field], dict[str, pl.Expr]]:
    """The numbers in the row's cells, whether nothing stands there, and currencies' signs; and what they say: the
    amount and refund, and whether the row is a refund itself."""
    layout = account.layout
    names = [name for name in ("amount", "quantity", "unit_price", "refund", "after_refund") if layout.has(name)]
    decimal = account.settle_decimals(*names)
    parts = (*layout.plus, *layout.minus)
    cells = {**{name: layout.cell(name) for name in names}, **{part: pl.col(part) for part in parts}}
    fields: dict[str, Field] = {}
    signs = account.signs_at("amount", "unit_price", "refund", "after_refund")
    for name, cell in cells.items():
        dress = amounts.usual_dress(account.sample.select(cell).to_series(), decimal)
        figure = _field(cell, amounts.plain(cell, decimal, dress), amounts.number(cell, decimal))
        fields[f"number_{name}"] = figure
        fields[f"nothing_{name}"] = Field(cell.is_null(), text(cell).is_null(), figure.odd)
        if (sign := f"{SIGN}{name}") in signs:
            fields[sign] = Field(amounts.plain_sign(cell, dress), signs[sign], figure.odd)

    def number(name: str) -> pl.Expr:
        return pl.col(f"number_{name}") if name in cells else pl.lit(None, pl.Float64)

    def nothing(name: str) -> pl.Expr:
        return pl.col(f"nothing_{name}") if name in cells else pl.lit(value=True)

    if priced_by_line(layout):
        amount, blank = amounts.minor(number("quantity") * number("unit_price")), pl.lit(value=False)
        # a credit note's lines have a negative quantity, so its id (C1234) need not be believed
        returned = (number("quantity") < 0).fill_null(value=False)
    else:
        # a part that is not there is none, but one that can't be read makes the sum unreadable
        sums = {part: pl.when(nothing(part)).then(0.0).otherwise(number(part)) for part in parts}
        whole = sum((sums[part] for part in layout.plus), number("amount"))
        amount = amounts.minor(sum((-sums[part].abs() for part in layout.minus), whole))
        returned, blank = (amount < 0).fill_null(value=False), nothing("amount")
    refund = amounts.minor(number("refund")).abs()
    unread = refund.is_null() & ~nothing("refund")
    if layout.has("after_refund"):
        left = amounts.minor(number("after_refund"))
        refund = pl.when((left > 0) & (left < amount)).then(amount - left)  # 0.00 may just mean "not adjusted"
        unread = left.is_null() & ~nothing("after_refund")
    values = {"amount": amount, "amount_blank": blank, "returned": returned, "refund": refund, "refund_unread": unread}
    return fields, values


def _states(account: Account) -> dict[str, Field]:
    """What became of the row: the first reason to leave it out, else refunded or kept; and the first unknown word.
    And the currency's code in capitals."""
    layout, states = account.layout, account.layout.states
    columns = [(pl.col(state.column), state.word, account.common(state.column)) for state in states]
    quick = [by_common(cell, word, STATE, common) for cell, word, common in columns]
    close = [by_value(cell, word, STATE) for cell, word, _ in columns]
    unknown = [text(pl.when(found.is_null()).then(cell)) for found, (cell, _, _) in zip(close, columns, strict=True)]
    odd = [cell.is_not_null() & found.is_null() for found, (cell, _, _) in zip(quick, columns, strict=True)]
    nothing, odd_state = pl.lit(None, pl.Categorical), pl.any_horizontal(False, *odd)
    currency = Field(nothing, nothing)
    if layout.has("currency"):
        cell, one = layout.cell("currency"), len(layout.columns["currency"]) == 1
        common = account.common(layout.columns["currency"][0]) if one else []
        codes = (by_common(cell, str.upper, pl.String, common), by_value(cell, str.upper))
        currency = _field(cell, codes[0].cast(pl.Categorical), codes[1].cast(pl.Categorical))
    return {
        "state": Field(_foremost(quick), _foremost(close), odd_state),
        "status": Field(nothing, pl.coalesce(*unknown, pl.lit(None, pl.String)).cast(pl.Categorical), odd_state),
        "currency": currency,
    }


def _foremost(meanings: Sequence[pl.Expr]) -> pl.Expr:
    left_out = [pl.when(meaning.is_in(LEFT_OUT)).then(meaning) for meaning in meanings]
    refunded = [pl.when(meaning == "refunded").then(meaning) for meaning in meanings]
    return pl.coalesce(*left_out, *refunded, *meanings, pl.lit(None, STATE))


def _customer(layout: Layout) -> dict[str, Field]:
    """The normalised key: e-mail, else customer id, else phone digits, else the name; null for a guest."""
    quick, close = [], []
    if layout.has("email"):
        cell = layout.cell("email")
        quick.append(matching(cell, PLAIN_EMAIL))
        close.append(closely_read(cell, _address, pl.String))
    if layout.has("customer_id"):
        cell = layout.cell("customer_id")
        quick.append(matching(cell, f"{PLAIN_EMAIL}|{PLAIN_ID}"))
        close.append(closely_read(cell, _address_or_id, pl.String))
    if layout.has("phone"):
        digits = layout.text("phone").str.replace_all("[^0-9]", "")
        close.append(pl.when(digits != "").then(pl.lit("phone ") + digits))
    if layout.has("customer_name"):
        name = layout.text("customer_name").str.to_lowercase()
        close.append(pl.lit(BY_NAME) + pl.when(~folded(name).is_in(_guests())).then(name))
    first = quick[0] if quick else pl.lit(None, pl.String)  # where that is not plain, any of the others may count
    given = pl.any_horizontal(False, *(layout.cell(name).is_not_null() for name in CUSTOMER_FIELDS if layout.has(name)))
    return {"key": Field(first, pl.coalesce(*close, pl.lit(None, pl.String)), given & first.is_null())}


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
