"""Orders files become one row per order or refund, with every file row used, left out or rejected for a reason.

Most orders stand on one row, which is the order as it is. Rows whose order id stands on several (line items,
duplicates, refunds beside an order, overlapping files) are set apart, settled (several.py), and join the others again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from merchant_check.errors import clean
from merchant_check.read import dates
from merchant_check.read.account import Account, ReadSettings, refuse_signs
from merchant_check.read.census import book, census, fate, newest_day, newest_days, only_currency
from merchant_check.read.held import Held, Space
from merchant_check.read.order_rows import FEW, RowReader, book_unreadable, readable, row_reader
from merchant_check.read.recognise import CUSTOMER_FIELDS, Layout
from merchant_check.read.several import newest_wins, refuse_shared_ids, rows_mode, settle
from merchant_check.read.table import Table
from merchant_check.report import Input
from merchant_check.watch import Watch

SUMMER_TIME = 1  # hours by which one place's offset moves within a year
ROUND_PARTS = 8  # the order ids of so many parts are sorted at a time
BY_CUSTOMER = pl.coalesce("customer", pl.col("line").cast(pl.UInt64))


@dataclass(frozen=True)
class Orders:
    """All orders files as one. `parts` have a row per order and per refund that stands on its own, those of a customer
    in one part:

    customer (UInt64, the key's fingerprint; null for a guest), customer_check (UInt32, tells apart two customers of one
    fingerprint), day (Date), orders (Int8: 1, or 0 for a refund), revenue and refund (Int64, ten-thousandths); and
    where it stands, file and line. `as_of` is the last day the data is taken to be complete.
    """

    parts: tuple[pl.LazyFrame, ...]
    as_of: date
    currency: str | None
    has_customers: bool
    inputs: tuple[Input, ...]

    def scan(self) -> pl.LazyFrame:
        """All rows, in no certain order."""
        return pl.concat(self.parts)


def read_orders(files: Sequence[tuple[Table, Layout]], settings: ReadSettings, space: Space) -> Orders:
    """Read, merge and count the orders files.

    Raises UserError when amounts, dates or currencies can't be settled, when two different orders share an id, when
    more than `max_rejected` of a file's rows are unreadable, or when no order is left.
    """
    accounts = [Account(table, layout) for table, layout in files]
    found = _orders_of(accounts, settings, space)
    kinds = census(found.parts)
    currency = only_currency(kinds, settings.currency, accounts)
    if len(files) > 1:
        newest = newest_days(kinds.with_columns(fate=fate(settings, currency)))
        parts = (newest_wins(part.collect(), newest, accounts) for part in found.settled)
        found = replace(found, settled=tuple(space.keep(part, found.shared) for part in parts))
        kinds = census(found.parts)
    as_of = settings.as_of or newest_day(kinds.with_columns(fate=fate(settings, currency)), accounts)
    why_not = fate(settings, currency, as_of)
    found = found.each(lambda orders: orders.with_columns(fate=why_not))
    inputs = book(kinds.with_columns(fate=why_not), found.parts, accounts)
    return Orders(
        parts=found.each(_as_used).by_customer(space),
        as_of=as_of,
        currency=clean(currency) if currency else None,
        has_customers=any(name in layout.columns for _, layout in files for name in CUSTOMER_FIELDS),
        inputs=inputs,
    )


@dataclass(frozen=True)
class _Found:
    """The orders of all files, a row per order id and per refund under it: file, line (its first), rows (how many stand
    behind it), customer, customer_check, by_name, day, amount, refund, returned, state, status, currency; and again,
    free and guest (see census.KIND).

    `singles` stood on one row alone; they are in parts by customer. `settled` are those whose id stood on several of
    `shared` rows, in parts by order; these have order_check besides.
    """

    singles: Held
    settled: tuple[pl.LazyFrame, ...]
    shared: int

    @property
    def parts(self) -> tuple[pl.LazyFrame, ...]:
        """All orders, in no certain order."""
        return (self.singles.whole, *self.settled)

    def each(self, change: Callable[[pl.LazyFrame], pl.LazyFrame]) -> _Found:
        return replace(self, singles=self.singles.each(change), settled=tuple(map(change, self.settled)))

    def by_customer(self, space: Space) -> tuple[pl.LazyFrame, ...]:
        """All orders in parts by customer."""
        singles = self.singles.split()
        if not self.settled:
            return singles
        settled = space.hold(self.settled, BY_CUSTOMER, self.shared, parts=len(singles)).split()
        return tuple(pl.concat(both) for both in zip(singles, settled, strict=True))


# ---- rows → orders


def _orders_of(accounts: Sequence[Account], settings: ReadSettings, space: Space) -> _Found:
    readers = []
    for file, account in enumerate(accounts):
        account.refuse_above(settings.max_rejected)
        readers.append(row_reader(file, account, settings))
    count = sum(account.table.rows_read for account in accounts)
    with space.watch.step("reading rows", count):
        rows = _read(readers, space, count)
    for file, account in enumerate(accounts):
        _refuse_unclear(account, rows.whole.filter(file=file), settings)
    refuse_signs({sign for account in accounts for sign in account.signs}, accounts[0].table.where())
    rows, several, shared = _apart(rows, readers, space, count)
    settled = _settled(several, accounts, space, shared)
    for file, account in enumerate(accounts):
        book_unreadable(rows.whole.filter(file=file), account)
        account.refuse_above(settings.max_rejected)
        refuse_shared_ids([part.filter("torn", file=file) for part in settled], account)
    singles = rows.each(lambda part: _orders(readable(part).with_columns(rows=pl.lit(1, pl.UInt32))))
    return _Found(singles, tuple(map(_orders, settled)), shared)


def _read(readers: Sequence[RowReader], space: Space, count: int) -> Held:
    """The rows of all files, by customer: those with plain cells read quickly, the others closely."""
    plain = [reader for reader in readers if reader.odd_share() <= FEW]
    frames = [
        (reader.quickly if reader in plain else reader.closely)(_watched(reader, space.watch)) for reader in readers
    ]
    rows = space.hold(frames, BY_CUSTOMER, count)
    if not plain:
        return rows
    odd = rows.whole.filter("odd").select("file", "line").collect(engine="streaming")
    again = [
        reader.closely(reader.account.table.at(lines))
        for reader in plain
        if len(lines := odd.filter(file=reader.file)["line"])
    ]
    rows = rows.each(lambda part: part.filter(~pl.col("odd").fill_null(value=False)).drop("odd"))
    return rows.joined(space.hold(again, BY_CUSTOMER, len(odd), parts=rows.number)) if again else rows


def _watched(reader: RowReader, watch: Watch) -> pl.LazyFrame:
    """The cells of the file; the watch is told as they are read."""

    def told(lines: pl.Series) -> pl.Series:
        watch.advance(len(lines))
        return lines

    cells = reader.account.table.frame
    return cells.with_columns(pl.col("line").map_batches(told, return_dtype=pl.UInt32, is_elementwise=True))


def _orders(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows as orders and refunds. An order whose status says refunded, without saying how much, was refunded in
    full."""
    refund = pl.col("refund").fill_null(0)
    returned = pl.col("returned") | (pl.col("amount") < 0)
    unsaid = (pl.col("state") == "refunded") & (refund == 0) & ~returned
    return rows.with_columns(
        refund=pl.when(unsaid).then("amount").otherwise(refund),
        returned=returned,
        again=pl.lit(value=False),
        free=pl.col("amount") == 0,
        guest=pl.col("customer").is_null(),
    )


def _refuse_unclear(account: Account, rows: pl.LazyFrame, settings: ReadSettings) -> None:
    """Raise UserError where figures depend on words that can't be read, or amounts have the signs of several
    currencies; note where dates are in the clocks of several places."""
    words = rows.select(pl.col("status").drop_nulls().unique(maintain_order=True)).collect(engine="streaming")
    account.refuse_foreign(words["status"].cast(pl.String))
    account.refuse_mixed_signs(rows)
    stamps = account.layout.cell("ordered_at")
    hours = set() if settings.timezone else dates.offset_hours(account.table, stamps, account.sample)
    if hours and max(hours) - min(hours) > SUMMER_TIME:
        account.notes.append("offsets from UTC are mixed; each date counts as written, unless merchant.timezone is set")


def _apart(
    rows: Held, readers: Sequence[RowReader], space: Space, count: int
) -> tuple[Held, tuple[pl.LazyFrame, ...], int]:
    """The rows whose order id stands on no other row; and the others, with checks, in parts by order, and how many.

    Where most rows share their id, as line items do, none is taken for a single one.
    """
    ids = [name for name in ("order", "order_name") if name in rows.whole.collect_schema()]
    repeated = {name: _repeated(rows.whole, name, rounds=1 + rows.number // ROUND_PARTS) for name in ids}
    number = min(count, sum(int(found["rows"].sum()) for found in repeated.values()))
    if not number:
        return rows.each(lambda part: part.with_columns(order=pl.coalesce(*ids))), (), 0
    among = (pl.col(name).is_in(found[name].implode()) for name, found in repeated.items())
    shared = pl.any_horizontal(among).fill_null(value=False)
    many = number > FEW * count
    rows = rows.marked(shared=pl.lit(value=True) if many else shared)
    frames = []
    for reader in readers:
        cells = reader.account.table.frame
        if not many:
            lines = rows.whole.filter("shared", file=reader.file).select("line").collect(engine="streaming")["line"]
            cells = reader.account.table.at(lines)
        frames.append(reader.checked(cells))
    several = space.hold(frames, pl.coalesce(*reversed(ids), pl.lit(0, pl.UInt64)), number)
    alone = rows.each(lambda part: part.filter(~pl.col("shared")).with_columns(order=pl.coalesce(*ids)))
    return alone, several.split(), number


def _settled(
    parts: Sequence[pl.LazyFrame], accounts: Sequence[Account], space: Space, shared: int
) -> list[pl.LazyFrame]:
    """The rows that share their order's id as orders, in parts by order."""
    if not parts:
        return []
    modes = [rows_mode([part.filter(file=file) for part in parts], account) for file, account in enumerate(accounts)]
    found = []
    for part in parts:
        rows = part.collect()
        orders = [settle(rows.filter(file=file), modes[file], account) for file, account in enumerate(accounts)]
        found.append(space.keep(pl.concat(orders), shared))
    return found


def _repeated(rows: pl.LazyFrame, name: str, rounds: int) -> pl.DataFrame:
    """The fingerprints that stand on more than one row, and on how many `rows`: sorted, they are equal to the one
    before. To sort few at a time, as many rounds are made."""
    found = []
    for each in range(rounds):
        some = rows.filter(pl.col(name) % rounds == each) if rounds > 1 else rows
        values = some.select(pl.col(name).drop_nulls()).collect(engine="streaming").to_series().sort()
        again = values.filter((values == values.shift()).fill_null(value=False))
        found.append(again.to_frame().group_by(name).agg(rows=pl.len() + 1))
    return pl.concat(found)


def _as_used(orders: pl.LazyFrame) -> pl.LazyFrame:
    returned = pl.col("returned")
    return orders.filter(pl.col("fate").is_null()).select(
        *("file", "line", "customer", "customer_check", "day"),
        orders=(~returned).cast(pl.Int8),
        revenue=pl.when(returned).then(0).otherwise("amount"),
        refund=pl.col("refund") - pl.when(returned).then("amount").otherwise(0),
    )
