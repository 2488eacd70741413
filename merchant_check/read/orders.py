"""Orders files become one row per order or refund, with every file row used, left out or rejected for a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from merchant_check.errors import Open, UserError, clean
from merchant_check.read import dates
from merchant_check.read.account import TOTAL_ROW, Account, ReadSettings, counted, refuse_signs
from merchant_check.read.amounts import by_frequency
from merchant_check.read.formats import fold_words
from merchant_check.read.order_rows import BY_NAME, LEFT_OUT, priced_by_line, typed_rows
from merchant_check.read.recognise import CUSTOMER_FIELDS, Layout
from merchant_check.read.table import SHOWN_LINES, Table
from merchant_check.read.text import folded
from merchant_check.report import Input

ROWS_MODES = ("one-per-order", "total-repeated", "line-amounts")
RUINED_ID = r"^[0-9](?:\.[0-9]+)?[eE]\+[0-9]+$"  # 1.23E+17: the other digits are lost, so orders would merge
SUMMER_TIME = 1  # hours by which one place's offset moves within a year
ENOUGH_REPEATS = 5  # so many multi-row orders that each repeat one amount are no chance: it is the order's total


@dataclass(frozen=True)
class Orders:
    """All orders files as one. `rows` has a row per order and per refund that stands on its own:

    customer (String, null for a guest), day (Date), orders (Int64: 1, or 0 for a refund), revenue and refund (Int64,
    ten-thousandths). `as_of` is the last day the data is taken to be complete.
    """

    rows: pl.DataFrame
    as_of: date
    currency: str | None
    has_customers: bool
    inputs: tuple[Input, ...]


def read_orders(files: Sequence[tuple[Table, Layout]], settings: ReadSettings) -> Orders:
    """Read, merge and count the orders files.

    Raises UserError when amounts, dates or currencies can't be settled, when two different orders share an id, when
    more than `max_rejected` of a file's rows are unreadable, or when no order is left.
    """
    accounts = [Account(table, layout) for table, layout in files]
    orders = pl.concat(
        _orders_of(account, settings).with_columns(file=pl.lit(index, pl.UInt32))
        for index, account in enumerate(accounts)
    )
    refuse_signs({sign for account in accounts for sign in account.signs}, accounts[0].table.where())
    orders = _full_refunds(orders)
    currency = _one_currency(orders, accounts, settings.currency)
    orders = orders.with_columns(fate=_fate(settings, currency))
    if len(files) > 1:
        orders = _once_each(orders, accounts)
    kept = orders.filter(pl.col("fate").is_null() & ~pl.col("returned"))
    if kept.is_empty():
        raise _nothing_left(orders, accounts)
    newest = kept["day"].max()
    assert isinstance(newest, date)
    as_of = settings.as_of or newest
    late = pl.col("fate").is_null() & (pl.col("day") > as_of)
    orders = orders.with_columns(fate=pl.when(late).then(pl.lit("after as_of")).otherwise("fate"))
    used = orders.filter(pl.col("fate").is_null())
    if used["returned"].all():
        raise _nothing_left(orders, accounts)
    for index, account in enumerate(accounts):
        _book(account, orders.filter(file=index))
    return Orders(
        rows=used.select(
            "customer",
            "day",
            orders=(~pl.col("returned")).cast(pl.Int64),
            revenue=pl.when("returned").then(0).otherwise("amount"),
            refund=pl.col("refund") - pl.when("returned").then("amount").otherwise(0),
        ),
        as_of=as_of,
        currency=clean(currency) if currency else None,
        has_customers=any(name in layout.columns for _, layout in files for name in CUSTOMER_FIELDS),
        inputs=tuple(_input(account, used.filter(file=index)["day"]) for index, account in enumerate(accounts)),
    )


# ---- one file: rows → orders


def _orders_of(account: Account, settings: ReadSettings) -> pl.DataFrame:
    """One row per order id, and per refund under it: order, returned, customer, day, amount, refund, state, status,
    currency, line (its first) and rows (how many stand behind it)."""
    table, layout = account.table, account.layout
    account.refuse_above(settings.max_rejected)
    rows = typed_rows(account, settings)
    account.refuse_foreign(rows["status"].drop_nulls())
    hours = set() if settings.timezone else dates.offset_hours(table, layout.cell("ordered_at"))
    if hours and max(hours) - min(hours) > SUMMER_TIME:
        account.notes.append("offsets from UTC are mixed; each date counts as written, unless merchant.timezone is set")
    again = _identical_rows(account, rows)
    mode = _rows_mode(rows, again, table, layout)
    if mode in ("one-per-order", "total-first"):
        again = again.filter(again.is_in(rows.filter(~pl.col("amount_blank"))["line"].implode()))
        account.leave_out("identical duplicate", again.len(), again.to_list())
        rows = rows.filter(~pl.col("line").is_in(again.implode()))
    elif again.len():
        account.notes.append(f"{counted(again.len(), 'identical row')} kept, as line items may repeat")
    if mode == "total-first":
        told = (~pl.col("amount_blank")).any().over("order")  # on the order's first row; the rows below it add nothing
        rows = rows.with_columns(
            pl.when("amount_blank").then(pl.when(told).then(0)).otherwise("amount").alias("amount")
        )
    rows = _without_unreadable(rows, account)
    if mode == "line-amounts":
        rows = _settled_by_line(rows, account)
    account.refuse_above(settings.max_rejected)
    orders = _grouped(rows, "first" if mode == "total-repeated" else "sum")
    _refuse_shared_ids(orders, table, mode)
    return orders.drop("return_day", "one_day", "one_customer")


def _identical_rows(account: Account, rows: pl.DataFrame) -> pl.Series:
    """The lines of rows that repeat an earlier row of the file in every column."""
    if rows["order"].is_duplicated().any():
        return account.identical_lines()
    return pl.Series("line", [], pl.UInt32)


def _rows_mode(rows: pl.DataFrame, again: pl.Series, table: Table, layout: Layout) -> str:
    """How an order's rows relate: one-per-order, total-first, total-repeated or line-amounts.

    Decided from the data; raises UserError where it leaves that open (columns.orders.rows settles it).
    """
    if priced_by_line(layout):
        return "line-amounts"
    sales = rows.filter(~pl.col("returned"))
    distinct = sales.filter(~pl.col("line").is_in(again.implode()))
    if mode := layout.settings.get("rows") or layout.traits.get("rows"):
        denied = {"total-first": pl.col("filled") > 1, "total-repeated": ~pl.col("same")}
        _refuse_unclear(_several(distinct).filter(denied.get(mode, pl.lit(value=False))), table)
        return str(mode)
    if _several(distinct).is_empty():
        return "one-per-order"
    several = _several(sales)
    if (several["filled"] == 1).all():
        return "total-first"
    has_lines = layout.has("line") or layout.has("quantity")
    if has_lines and not several["same"].all():
        return "line-amounts"
    if not has_lines or several.height < ENOUGH_REPEATS:
        _refuse_unclear(several, table)
    return "total-repeated"


def _several(rows: pl.DataFrame) -> pl.DataFrame:
    """The orders that stand on several rows: how many of these have an amount, and whether it is the same."""
    amount = pl.col("amount")
    return (
        rows.group_by("order", maintain_order=True)
        .agg(pl.len(), filled=(~pl.col("amount_blank")).sum(), same=amount.min() == amount.max(), line=pl.col("line"))
        .filter((pl.col("len") > 1) & pl.col("order").is_not_null())
    )


def _refuse_unclear(several: pl.DataFrame, table: Table) -> None:
    """Raise UserError where orders stand on several rows in a way that leaves open what their amounts mean."""
    if several.is_empty():
        return
    first = several.row(0, named=True)
    shown = ", ".join(map(str, first["line"][:SHOWN_LINES]))
    raise UserError(
        "unclear-rows",
        f"order id {clean(first['order'])!r} stands on several rows (lines {shown}), as do {several.height} in all: "
        "duplicates, or line items of one order?",
        remedy=f"remove the duplicates, or set columns.orders.rows to one of {', '.join(ROWS_MODES)} in the config",
        where=table.where(first["line"][1]),
        question=Open("columns.orders.rows", ROWS_MODES),
    )


def _without_unreadable(rows: pl.DataFrame, account: Account) -> pl.DataFrame:
    """Book rows whose id, date, amount or refund can't be read as rejected, and go on without them.

    A total row is left out, and of a row that does not count anyway nothing needs to be readable.
    """
    totals = rows.filter(folded(pl.col("order")).is_in(list(fold_words("total_words"))))
    account.leave_out(TOTAL_ROW, totals.height, totals["line"].to_list())
    rows = rows.join(totals, on="line", how="anti", maintain_order="left")
    off = rows.filter(pl.col("state").is_in(LEFT_OUT) & (pl.col("day").is_null() | pl.col("amount").is_null()))
    for (why,), found in off.group_by("state", maintain_order=True):
        account.leave_out(str(why), found.height, found["line"].to_list())
    rows = rows.join(off, on="line", how="anti", maintain_order="left")
    reason = (
        pl.when(pl.col("order").is_null()).then(pl.lit("unreadable order id"))
        .when(pl.col("order").str.contains(RUINED_ID)).then(pl.lit("order id ruined by a spreadsheet"))
        .when(pl.col("day").is_null()).then(pl.lit("unreadable date"))
        .when(pl.col("amount").is_null()).then(pl.lit("unreadable amount"))
        .when(pl.col("refund_written") & pl.col("refund").is_null()).then(pl.lit("unreadable refund"))
    )  # fmt: skip
    judged = rows.with_columns(reason=reason)
    unreadable = judged.filter(pl.col("reason").is_not_null())
    for (why,), found in unreadable.group_by("reason", maintain_order=True):
        account.reject(str(why), found["line"].to_list())
    return judged.filter(pl.col("reason").is_null())


def _settled_by_line(rows: pl.DataFrame, account: Account) -> pl.DataFrame:
    """Where each row is a line, its status is the line's own: one line cancelled or sent back is not the order."""
    for word in LEFT_OUT:
        off = rows.filter(state=word)["line"]
        account.leave_out(word, off.len(), off.to_list())
        rows = rows.filter(~pl.col("line").is_in(off.implode()))
    refunded = (pl.col("state") == "refunded").fill_null(value=False)
    back = refunded & (pl.col("refund").fill_null(0) == 0) & ~pl.col("returned")
    return rows.with_columns(
        refund=pl.when(back).then("amount").otherwise("refund"), state=pl.when(~refunded).then("state")
    )


def _grouped(rows: pl.DataFrame, money: str) -> pl.DataFrame:
    """Rows of one order id become one; refunds under it stay apart, one a day."""
    sums = [pl.col("amount"), pl.col("refund").fill_null(0)]
    currency = pl.col("currency").str.to_uppercase()
    return (
        rows.group_by(
            "order",
            "returned",
            currency.fill_null(currency.max().over("order")),  # an order in two currencies must never be added up
            return_day=pl.when("returned").then("day"),
            maintain_order=True,
        )
        .agg(
            pl.col("customer").min(),  # whatever the order of the rows
            pl.col("state").drop_nulls().first(),
            pl.col("status").drop_nulls().first(),
            pl.col("day").min(),
            *(column.first() if money == "first" else column.sum() for column in sums),
            line=pl.col("line").min(),
            rows=pl.len().cast(pl.Int64),
            one_day=pl.col("day").min() == pl.col("day").max(),
            one_customer=(pl.col("customer").min() == pl.col("customer").max()).fill_null(True),
        )
        .with_columns(returned=pl.col("returned") | (pl.col("amount") < 0))
    )


def _refuse_shared_ids(orders: pl.DataFrame, table: Table, mode: str) -> None:
    """Two different orders (other customer and other day) must never be added up under one id."""
    shared = orders.filter(~pl.col("one_day") & ~pl.col("one_customer"))
    if mode == "one-per-order":
        shared = orders.filter((pl.col("rows") > 1) & ~pl.col("returned"))
    if shared.is_empty():
        return
    order, line = shared.select("order", "line").row(0)
    raise UserError(
        "shared-order-id",
        f"order id {clean(order)!r} belongs to different orders, as do {shared.height} ids in all",
        remedy="export the column with the unique order id, or one shop at a time",
        where=table.where(line),
    )


# ---- all files: which orders count


def _full_refunds(orders: pl.DataFrame) -> pl.DataFrame:
    """An order whose status says refunded, without saying how much, was refunded in full."""
    unsaid = (pl.col("state") == "refunded") & (pl.col("refund") == 0) & ~pl.col("returned")
    return orders.with_columns(refund=pl.when(unsaid).then("amount").otherwise("refund"))


def _one_currency(orders: pl.DataFrame, accounts: Sequence[Account], wanted: str | None) -> str | None:
    """The currency of all amounts; raises UserError where there are several and none was chosen."""
    found = by_frequency(orders["currency"])
    if wanted is None and len(found) > 1:
        raise UserError(
            "several-currencies",
            f"the amounts are in several currencies ({', '.join(map(clean, found[:SHOWN_LINES]))})",
            remedy=f"set merchant.currency, e.g. {clean(found[0])}: rows in other currencies are then left out",
            where=accounts[0].table.where(),
            question=Open("merchant.currency", tuple(found)),
        )
    return wanted or (found[0] if found else None)


def _fate(settings: ReadSettings, currency: str | None) -> pl.Expr:
    """Why an order does not count, null where it does; the first reason that applies is the one told."""
    empty = (pl.col("amount") == 0) & pl.col("customer").is_null() & ~pl.col("returned")
    return (
        pl.when(pl.col("state").is_in(LEFT_OUT)).then("state")
        .when(pl.col("currency").str.to_uppercase() != pl.lit(currency, pl.String)).then(pl.lit("other currency"))
        .when(pl.col("day") > settings.today).then(pl.lit("in the future"))
        .when(empty).then(pl.lit("amount 0 without a customer"))
    )  # fmt: skip


def _once_each(orders: pl.DataFrame, accounts: Sequence[Account]) -> pl.DataFrame:
    """Overlapping exports: an order read from several files counts once, as the file with the newest orders has it.

    Raises UserError where equally new files disagree about an order.
    """
    newest = orders.filter(pl.col("fate").is_null()).group_by("file").agg(newest=pl.col("day").max())
    _refuse_two_shops(orders, accounts)
    key = ["order", "returned", pl.when("returned").then("day").alias("return_day")]
    content = pl.struct("customer", "day", "amount", "refund", "state", "status")
    ranked = orders.join(newest, on="file", how="left", maintain_order="left").with_columns(*key[2:])
    ranked = ranked.with_columns(
        files=pl.col("file").n_unique().over("order", "returned", "return_day"),
        best=pl.col("newest").max().over("order", "returned", "return_day"),
        agreed=content.n_unique().over("order", "returned", "return_day", "newest") == 1,
    )
    disputed = ranked.filter((pl.col("files") > 1) & (pl.col("newest") == pl.col("best")) & ~pl.col("agreed"))
    if not disputed.is_empty():
        order, line, file = disputed.select("order", "line", "file").row(0)
        raise UserError(
            "conflicting-files",
            f"order {clean(order)!r} differs from the same order in another file that is just as new",
            remedy="pass only the newer export",
            where=accounts[file].table.where(line),
        )
    chosen = pl.col("file") == pl.col("file").filter(pl.col("newest") == pl.col("best")).max().over(
        "order", "returned", "return_day"
    )
    again = ~chosen & pl.col("fate").is_null()
    return ranked.with_columns(fate=pl.when(again).then(pl.lit("same order in another file")).otherwise("fate")).drop(
        "newest", "return_day", "files", "best", "agreed"
    )


def _refuse_two_shops(orders: pl.DataFrame, accounts: Sequence[Account]) -> None:
    """One id for orders of another customer on another day: shops that count alike, which must not be merged."""
    customer, day = pl.col("customer"), pl.col("day")
    differ = ((customer.min() != customer.max()) & (day.min() != day.max())).over("order", "returned")
    shared = orders.filter(differ & ~pl.col("returned"))
    if not shared.is_empty():
        order, line, file = shared.select("order", "line", "file").row(0)
        raise UserError(
            "shared-order-id",
            f"order id {clean(order)!r} belongs to different orders in different files",
            remedy="review one shop at a time, or export the column with the unique order id",
            where=accounts[file].table.where(line),
        )


def _book(account: Account, orders: pl.DataFrame) -> None:
    """Enter one file's orders that do not count, and what is odd about those that do."""
    for (why,), found in orders.filter(pl.col("fate").is_not_null()).group_by("fate", maintain_order=True):
        account.leave_out(str(why), int(found["rows"].sum()), found["line"].head(SHOWN_LINES).to_list())
    used = orders.filter(pl.col("fate").is_null() & ~pl.col("returned"))
    guests = used["customer"].is_null().sum()
    if guests and any(name in account.layout.columns for name in CUSTOMER_FIELDS):
        account.notes.append(f"{counted(int(guests), 'order')} without a customer: in revenue, not in customer figures")
    if used["customer"].drop_nulls().str.starts_with(BY_NAME).any():
        account.notes.append("customers are told apart by their names: two of one name count as one")
    free = used.filter(pl.col("amount") == 0).height
    if free:
        account.notes.append(f"{counted(int(free), 'order')} of amount 0")
    for word, count in used["status"].drop_nulls().value_counts(sort=True).head(3).iter_rows():
        account.notes.append(f"unknown status {clean(word)!r}: {counted(count, 'order')} kept")


def _input(account: Account, days: pl.Series) -> Input:
    first, last = days.min(), days.max()
    return account.input(first if isinstance(first, date) else None, last if isinstance(last, date) else None)


def _nothing_left(orders: pl.DataFrame, accounts: Sequence[Account]) -> UserError:
    reasons = orders.filter(pl.col("fate").is_not_null())["fate"].value_counts(sort=True)
    told = ", ".join(f"{count} {why}" for why, count in reasons.iter_rows()) or "only refunds or unreadable rows"
    return UserError(
        "no-orders",
        f"no orders are left to judge ({told})",
        remedy="check the period (--as-of) and the export",
        where=accounts[0].table.where(),
    )
