"""Rows that share an order id become orders: line items, duplicates, refunds beside an order, an order in two files.

Here an order is told by two fingerprints of its id, so that no two orders are ever taken for one.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from merchant_check.errors import Open, UserError, clean
from merchant_check.read.account import Account, counted
from merchant_check.read.order_rows import LEFT_OUT, book_unreadable, priced_by_line, readable
from merchant_check.read.table import SHOWN_LINES

ROWS_MODES = ("one-per-order", "total-repeated", "line-amounts")
ORDER, NAME = ("order", "order_check"), ("order_name", "name_check")
ENOUGH_REPEATS = 5  # so many multi-row orders that each repeat one amount are no chance: it is the order's total


def with_ids(rows: pl.DataFrame) -> pl.DataFrame:
    """One file's rows in the file's order, each with its order's id, and `again` where it repeats an earlier row in
    every column. Where the id stands on an order's first row only, the rows below are told by the order's name."""
    rows = rows.sort("line")
    if "order_name" in rows.columns:
        named_above = pl.all_horizontal(
            pl.col(name) == pl.when(pl.col("order").is_not_null()).then(name).forward_fill() for name in NAME
        )
        ids = [pl.col(each) for each in ORDER]
        one_id = pl.all_horizontal(each.min().over(*NAME) == each.max().over(*NAME) for each in ids)
        rows = rows.with_columns(
            pl.coalesce(
                each,
                pl.when(one_id).then(each.min().over(*NAME)),
                pl.when(named_above).then(each.forward_fill()),
                name,
            )
            for each, name in zip(ids, NAME, strict=True)
        )
    return rows.with_columns(again=~pl.struct(*ORDER, "row_check").is_first_distinct())


# ---- how an order's rows relate


def rows_mode(parts: Sequence[pl.LazyFrame], account: Account) -> str:
    """How the rows of a file's orders relate: one-per-order, total-first, total-repeated or line-amounts.

    Decided from the data; raises UserError where it leaves that open (columns.orders.rows settles it).
    """
    again, several = 0, []
    for part in parts:
        rows = with_ids(part.collect())
        again += int(rows["again"].sum())
        several.append(_several(rows))
    mode = _mode(pl.concat(several), account)
    if again and mode not in ("one-per-order", "total-first"):
        account.notes.append(f"{counted(again, 'identical row')} kept, as line items may repeat")
    return mode


def _several(rows: pl.DataFrame) -> pl.DataFrame:
    """The orders that stand on several rows: how many of these have an amount, and whether it is the same one; and so
    without rows that repeat another (`distinct_…`). Refunds beside an order are no rows of it."""
    found = {"": pl.lit(value=True), "distinct_": ~pl.col("again")}
    figures = {}
    for name, wanted in found.items():
        amount = pl.col("amount").filter(wanted)
        figures[f"{name}rows"] = wanted.sum() if name else pl.len()
        figures[f"{name}filled"] = (~pl.col("amount_blank") & wanted).sum()
        figures[f"{name}same"] = (amount.min() == amount.max()).fill_null(value=True)
    orders = rows.filter(~pl.col("returned") & pl.col("order").is_not_null()).group_by(*ORDER, maintain_order=True)
    return orders.agg(**figures, lines=pl.col("line").head(SHOWN_LINES)).filter(pl.col("rows") > 1)


def _mode(several: pl.DataFrame, account: Account) -> str:
    layout = account.layout
    if priced_by_line(layout):
        return "line-amounts"
    distinct = several.filter(pl.col("distinct_rows") > 1)
    if mode := layout.settings.get("rows") or layout.traits.get("rows"):
        denied = {"total-first": pl.col("distinct_filled") > 1, "total-repeated": ~pl.col("distinct_same")}
        _refuse_unclear(distinct.filter(denied.get(mode, pl.lit(value=False))), account)
        return str(mode)
    if distinct.is_empty():
        return "one-per-order"
    if (several["filled"] == 1).all():
        return "total-first"
    has_lines = layout.has("line") or layout.has("quantity")
    if has_lines and not several["same"].all():
        return "line-amounts"
    if not has_lines or several.height < ENOUGH_REPEATS:
        _refuse_unclear(several, account)
    return "total-repeated"


def _refuse_unclear(several: pl.DataFrame, account: Account) -> None:
    """Raise UserError where orders stand on several rows in a way that leaves open what their amounts mean."""
    if several.is_empty():
        return
    lines = several["lines"][0]
    raise UserError(
        "unclear-rows",
        f"order id {clean(account.cell('order_id', lines[0]))!r} stands on several rows "
        f"(lines {', '.join(map(str, lines))}), as do {several.height} in all: duplicates, or line items of one order?",
        remedy=f"remove the duplicates, or set columns.orders.rows to one of {', '.join(ROWS_MODES)} in the config",
        where=account.table.where(lines[1]),
        question=Open("columns.orders.rows", ROWS_MODES),
    )


# ---- rows → orders


def settle(rows: pl.DataFrame, mode: str, account: Account) -> pl.DataFrame:
    """One file's rows as orders (see orders._Found), with the check of their id, and `torn` where an order's rows can't
    be of one order; what is left out or can't be read is entered in the book."""
    rows = with_ids(rows)
    if mode in ("one-per-order", "total-first"):
        again = rows.filter(pl.col("again") & ~pl.col("amount_blank"))["line"]
        account.leave_out("identical duplicate", again.len(), again.head(SHOWN_LINES).to_list())
        rows = rows.filter(~pl.col("again") | pl.col("amount_blank"))
    if mode == "total-first":
        told = (~pl.col("amount_blank")).any().over(*ORDER)  # on its first row; the rows below it add nothing
        nothing = pl.when(told).then(0)
        rows = rows.with_columns(amount=pl.when("amount_blank").then(nothing).otherwise("amount"))
    book_unreadable(rows.lazy(), account)
    rows = readable(rows.lazy()).collect()
    if mode == "line-amounts":
        rows = _settled_by_line(rows, account)
    several = (pl.col("rows") > 1) & ~pl.col("returned")
    unlike = ~pl.col("one_day") & ~pl.col("one_customer")
    torn = several if mode == "one-per-order" else unlike
    return _grouped(rows, "first" if mode == "total-repeated" else "sum").with_columns(torn=torn)


def _settled_by_line(rows: pl.DataFrame, account: Account) -> pl.DataFrame:
    """Where each row is a line, its status is the line's own: one line cancelled or sent back is not the order."""
    for word in LEFT_OUT:
        off = rows.filter(state=word)["line"]
        account.leave_out(word, off.len(), off.head(SHOWN_LINES).to_list())
        rows = rows.filter(~(pl.col("state") == word).fill_null(value=False))
    refunded = (pl.col("state") == "refunded").fill_null(value=False)
    back = refunded & (pl.col("refund").fill_null(0) == 0) & ~pl.col("returned")
    return rows.with_columns(
        refund=pl.when(back).then("amount").otherwise("refund"), state=pl.when(~refunded).then("state")
    )


def _grouped(rows: pl.DataFrame, money: str) -> pl.DataFrame:
    """Rows of one order id become one; refunds under it stay apart, one a day."""
    sums = [pl.col("amount"), pl.col("refund").fill_null(0)]
    customer = pl.col("customer")
    return (
        rows.group_by(
            *ORDER,
            "returned",
            pl.col("currency").fill_null(pl.col("currency").max().over(*ORDER)),  # never add up two currencies
            return_day=pl.when("returned").then("day"),
            maintain_order=True,
        )
        .agg(
            customer.min(),  # whatever the order of the rows
            pl.col("customer_check").get(customer.arg_min(), null_on_oob=True),
            pl.col("by_name").any(),
            pl.col("state").drop_nulls().first(),
            pl.col("status").drop_nulls().first(),
            pl.col("day").min(),
            *(column.first() if money == "first" else column.sum() for column in sums),
            file=pl.col("file").first(),
            line=pl.col("line").min(),
            rows=pl.len(),
            one_day=pl.col("day").min() == pl.col("day").max(),
            one_customer=(customer.min() == customer.max()).fill_null(True),
        )
        .with_columns(returned=pl.col("returned") | (pl.col("amount") < 0))
    )


def refuse_shared_ids(torn: Sequence[pl.LazyFrame], account: Account) -> None:
    """Two different orders (other customer and other day) must never be added up under one id."""
    found = pl.concat(torn).select("line").collect() if torn else pl.DataFrame()
    if found.is_empty():
        return
    line = found["line"].min()
    assert isinstance(line, int)
    raise UserError(
        "shared-order-id",
        f"order id {clean(account.cell('order_id', line))!r} belongs to different orders, "
        f"as do {found.height} ids in all",
        remedy="export the column with the unique order id, or one shop at a time",
        where=account.table.where(line),
    )


# ---- one order in several files


def newest_wins(orders: pl.DataFrame, newest: pl.DataFrame, accounts: Sequence[Account]) -> pl.DataFrame:
    """Overlapping exports: an order read from several files counts once, as the file with the newest orders has it;
    the others are marked `again`.

    `newest` has each file's newest day. Raises UserError where equally new files disagree about an order, or where
    one id stands for orders of another customer on another day: shops that count alike, which must not be merged.
    """
    _refuse_two_shops(orders, accounts)
    key = [*ORDER, "returned", "return_day"]
    content = pl.struct("customer", "day", "amount", "refund", "state", pl.col("status").cast(pl.String)).hash()
    ranked = orders.join(newest, on="file", how="left", maintain_order="left").with_columns(
        return_day=pl.when("returned").then("day"), content=content
    )
    one = {name: pl.col(name).min() == pl.col(name).max() for name in ("file", "content")}
    ranked = ranked.with_columns(
        one_file=one["file"].over(key),
        best=pl.col("newest").max().over(key),
        agreed=one["content"].over(*key, "newest"),
    )
    disputed = ranked.filter(~pl.col("one_file") & (pl.col("newest") == pl.col("best")) & ~pl.col("agreed"))
    if not disputed.is_empty():
        account, line = accounts[disputed["file"][0]], disputed["line"][0]
        raise UserError(
            "conflicting-files",
            f"order {clean(account.cell('order_id', line))!r} differs from the same order in another file that is "
            "just as new",
            remedy="pass only the newer export",
            where=account.table.where(line),
        )
    chosen = pl.col("file") == pl.col("file").filter(pl.col("newest") == pl.col("best")).max().over(key)
    return ranked.with_columns(again=~chosen).select(orders.columns)


def _refuse_two_shops(orders: pl.DataFrame, accounts: Sequence[Account]) -> None:
    customer, day = pl.col("customer"), pl.col("day")
    differ = ((customer.min() != customer.max()) & (day.min() != day.max())).over(*ORDER, "returned")
    shared = orders.filter(differ & ~pl.col("returned"))
    if not shared.is_empty():
        account, line = accounts[shared["file"][0]], shared["line"][0]
        raise UserError(
            "shared-order-id",
            f"order id {clean(account.cell('order_id', line))!r} belongs to different orders in different files",
            remedy="review one shop at a time, or export the column with the unique order id",
            where=account.table.where(line),
        )
