"""Orders files become one row per order or refund, with every file row used, left out or rejected for a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from merchant_check.errors import UserError, clean
from merchant_check.read import values
from merchant_check.read.account import Account, ReadSettings, counted
from merchant_check.read.recognise import CUSTOMER_FIELDS, Layout, fold_words
from merchant_check.read.table import SHOWN_LINES, Table
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
    """One row per order id, and per refund under it: order, returned, customer, day, amount, refund, status,
    currency, line (its first) and rows (how many stand behind it)."""
    table, layout = account.table, account.layout
    rows = _typed_rows(table, layout, settings)
    hours = set() if settings.timezone else values.offset_hours(table, layout.columns["ordered_at"])
    if hours and max(hours) - min(hours) > SUMMER_TIME:
        account.notes.append("offsets from UTC are mixed; each date counts as written, unless merchant.timezone is set")
    again = _identical_rows(table, rows)
    mode = _rows_mode(rows, again, table, layout)
    if mode == "total-first":
        told = (~pl.col("amount_blank")).any().over("order")  # on the order's first row; the rows below it add nothing
        rows = rows.with_columns(
            pl.when("amount_blank").then(pl.when(told).then(0)).otherwise("amount").alias("amount")
        )
    elif mode == "one-per-order":
        account.leave_out("identical duplicate", again.len(), again.to_list())
        rows = rows.filter(~pl.col("line").is_in(again.implode()))
    elif again.len():
        account.notes.append(f"{counted(again.len(), 'identical row')} kept, as line items may repeat")
    rows = _without_unreadable(rows, account)
    if mode == "line-amounts":
        rows = _settled_by_line(rows, account)
    account.refuse_above(settings.max_rejected)
    orders = _grouped(rows, "first" if mode == "total-repeated" else "sum")
    _refuse_shared_ids(orders, table, mode)
    return orders.drop("return_day", "one_day", "one_customer")


def _priced_by_line(layout: Layout) -> bool:
    return "amount" not in layout.columns


def _typed_rows(table: Table, layout: Layout, settings: ReadSettings) -> pl.DataFrame:
    """The file's rows with typed values; null where a value can't be read (or isn't there)."""
    columns = layout.columns
    dates = values.date_format(
        table, columns["ordered_at"], layout.headers["ordered_at"], layout.extra.get("date_format")
    )
    if _priced_by_line(layout):
        quantity = values.number(columns["quantity"])
        amount = values.minor(quantity * values.number(columns["unit_price"]))
        # a credit note's lines have a negative quantity, so its id (C1234) need not be believed
        returned, blank = (quantity < 0).fill_null(False), pl.lit(False)
    else:
        amount = values.money(columns["amount"])
        returned, blank = (amount < 0).fill_null(False), values.text(columns["amount"]).is_null()
    nothing = pl.lit(None, pl.String)
    refund = values.text(columns["refund"]) if "refund" in columns else nothing
    return table.frame.select(
        "line",
        order=values.text(columns["order_id"]),
        customer=_customer(columns),
        day=values.day(columns["ordered_at"], dates, settings.timezone),
        amount=amount,
        amount_blank=blank,
        returned=returned,
        refund=values.money(columns["refund"]).abs() if "refund" in columns else pl.lit(None, pl.Int64),
        refund_written=refund.is_not_null(),
        status=values.text(columns["status"]) if "status" in columns else nothing,
        currency=values.text(columns["currency"]) if "currency" in columns else nothing,
    ).collect(engine="streaming")


def _customer(columns: Mapping[str, str]) -> pl.Expr:
    """The normalised key: e-mail, else customer id, else phone digits; null for a guest."""
    keys = []
    if "email" in columns:
        keys.append(values.text(columns["email"]).str.to_lowercase())
    if "customer_id" in columns:
        written = values.text(columns["customer_id"])
        address = written.str.contains("@", literal=True)
        keys.append(pl.when(address).then(written.str.to_lowercase()).otherwise(written))
    if "phone" in columns:
        digits = values.text(columns["phone"]).str.replace_all("[^0-9]", "")
        keys.append(pl.when(digits != "").then(pl.lit("phone ") + digits))
    if not keys:
        return pl.lit(None, pl.String)
    key = pl.coalesce(keys)
    return pl.when(~values.folded(key).is_in(list(fold_words("guest_words")))).then(key)


def _identical_rows(table: Table, rows: pl.DataFrame) -> pl.Series:
    """The lines of rows that repeat an earlier row of the file in every column."""
    if rows["order"].is_duplicated().any():
        everything = pl.struct(pl.col("^c[0-9]+$"))
        return table.frame.filter(~everything.is_first_distinct()).select("line").collect()["line"]
    return pl.Series("line", [], pl.UInt32)


def _rows_mode(rows: pl.DataFrame, again: pl.Series, table: Table, layout: Layout) -> str:
    """How an order's rows relate: one-per-order, total-first, total-repeated or line-amounts.

    Decided from the data; raises UserError where it leaves that open (columns.orders.rows settles it).
    """
    if _priced_by_line(layout):
        return "line-amounts"
    if wanted := layout.extra.get("rows"):
        return wanted
    sales = rows.filter(~pl.col("returned"))
    amount = pl.col("amount")
    several = (
        sales.group_by("order", maintain_order=True)
        .agg(pl.len(), filled=(~pl.col("amount_blank")).sum(), same=amount.min() == amount.max(), line=pl.col("line"))
        .filter((pl.col("len") > 1) & pl.col("order").is_not_null())
    )
    distinct = sales.filter(~pl.col("line").is_in(again.implode()))
    if several.is_empty() or not distinct["order"].drop_nulls().is_duplicated().any():
        return "one-per-order"
    if (several["filled"] == 1).all():
        return "total-first"
    has_lines = "line" in layout.columns or "quantity" in layout.columns
    if has_lines and not several["same"].all():
        return "line-amounts"
    if has_lines and several.height >= ENOUGH_REPEATS:
        return "total-repeated"
    first = several.row(0, named=True)
    shown = ", ".join(map(str, first["line"][:SHOWN_LINES]))
    raise UserError(
        "unclear-rows",
        f"order id {clean(first['order'])!r} stands on several rows (lines {shown}), as do {several.height} in all: "
        "duplicates, or line items of one order?",
        remedy=f"remove the duplicates, or set columns.orders.rows to one of {', '.join(ROWS_MODES)} in the config",
        where=table.where(first["line"][1]),
    )


def _without_unreadable(rows: pl.DataFrame, account: Account) -> pl.DataFrame:
    """Book rows whose id, date, amount or refund can't be read as rejected, and go on without them."""
    reason = (
        pl.when(pl.col("order").is_null()).then(pl.lit("unreadable order id"))
        .when(values.folded(pl.col("order")).is_in(list(fold_words("total_words")))).then(pl.lit("total row"))
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
    status = values.folded(pl.col("status"))
    for word in ("cancelled", "unpaid"):
        off = rows.filter(status.is_in(_status_words(word)))["line"]
        account.leave_out(word, off.len(), off.to_list())
        rows = rows.filter(~pl.col("line").is_in(off.implode()))
    back = status.is_in(_status_words("refunded")) & (pl.col("refund").fill_null(0) == 0) & ~pl.col("returned")
    return rows.with_columns(
        refund=pl.when(back).then("amount").otherwise("refund"),
        status=pl.when(~status.is_in(_status_words("refunded"))).then("status"),
    )


def _grouped(rows: pl.DataFrame, money: str) -> pl.DataFrame:
    """Rows of one order id become one; refunds under it stay apart, one a day."""
    sums = [pl.col("amount"), pl.col("refund").fill_null(0)]
    return (
        rows.group_by(
            "order",
            "returned",
            pl.col("currency").str.to_uppercase(),  # an order in two currencies must never be added up
            return_day=pl.when("returned").then("day"),
            maintain_order=True,
        )
        .agg(
            pl.col("customer").min(),  # whatever the order of the rows
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
    refunded = values.folded(pl.col("status")).is_in(_status_words("refunded"))
    unsaid = refunded & (pl.col("refund") == 0) & ~pl.col("returned")
    return orders.with_columns(refund=pl.when(unsaid).then("amount").otherwise("refund"))


def _status_words(*kinds: str) -> list[str]:
    return [word for kind in kinds for word in fold_words("status_words", kind)]


def _one_currency(orders: pl.DataFrame, accounts: Sequence[Account], wanted: str | None) -> str | None:
    """The currency of all amounts; raises UserError where there are several and none was chosen."""
    found = orders["currency"].drop_nulls().str.to_uppercase().unique().sort().to_list()
    if wanted is None and len(found) > 1:
        raise UserError(
            "several-currencies",
            f"the amounts are in several currencies ({', '.join(map(clean, found[:SHOWN_LINES]))})",
            remedy=f"set merchant.currency, e.g. {clean(found[0])}: rows in other currencies are then left out",
            where=accounts[0].table.where(),
        )
    return wanted or (found[0] if found else None)


def _fate(settings: ReadSettings, currency: str | None) -> pl.Expr:
    """Why an order does not count, null where it does; the first reason that applies is the one told."""
    status = values.folded(pl.col("status"))
    empty = (pl.col("amount") == 0) & pl.col("customer").is_null() & ~pl.col("returned")
    return (
        pl.when(status.is_in(_status_words("cancelled"))).then(pl.lit("cancelled"))
        .when(status.is_in(_status_words("unpaid"))).then(pl.lit("unpaid"))
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
    content = pl.struct("customer", "day", "amount", "refund", "status")
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
    free = used.filter(pl.col("amount") == 0).height
    if free:
        account.notes.append(f"{counted(int(free), 'order')} of amount 0")
    strange = used.filter(~values.folded(pl.col("status")).is_in(_status_words("kept", "refunded")))
    for word, count in strange["status"].value_counts(sort=True).head(3).iter_rows():
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
