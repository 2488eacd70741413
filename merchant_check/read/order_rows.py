"""An orders file becomes typed rows: what each one says of order, customer, day, money and state."""

from __future__ import annotations

import polars as pl

from merchant_check.read import amounts, dates
from merchant_check.read.account import Account, ReadSettings
from merchant_check.read.formats import fold_words
from merchant_check.read.recognise import Layout
from merchant_check.read.text import folded, text

BY_NAME = "name "  # begins the key of a customer who is known by nothing else
LEFT_OUT = ("cancelled", "unpaid", "not a sale")
"""What a row's state may be for which it does not count."""


def typed_rows(account: Account, settings: ReadSettings) -> pl.DataFrame:
    """The file's rows with typed values; null where a value can't be read (or isn't there): line, order, customer,
    day, amount, amount_blank, returned, refund, refund_written, state (cancelled, unpaid, not a sale, refunded, kept),
    status (a word of state that is not known) and currency. Money is in ten-thousandths.

    Raises UserError where the file leaves open how its dates or amounts are written, or mixes currencies.
    """
    table, layout = account.table, account.layout
    written_as = account.settle_dates("ordered_at", settings.today)
    rows = table.frame.select(
        "line",
        order=_order(layout),
        customer=_customer(layout),
        day=dates.day(layout.cell("ordered_at"), written_as, settings.timezone),
        **_money(account),
        **_states(layout),
        currency=layout.text("currency"),
        **account.signs_at("amount", "unit_price", "refund", "after_refund"),
    ).collect(engine="streaming")
    rows = account.refuse_mixed_signs(rows)
    off = pl.col("state").is_in(LEFT_OUT)
    if layout.traits.get("returns") == "by state":
        sent = pl.col("returned") & (pl.col("state") == "kept")
        rows = rows.with_columns(state=pl.when(sent).then(pl.lit("not a sale")).otherwise("state"))
    return rows.with_columns(returned=pl.col("returned") & ~off.fill_null(value=False))


def _order(layout: Layout) -> pl.Expr:
    """The order's id; where it stands on an order's first row only, the rows below are told by the order's name."""
    order = layout.text("order_id")
    if not layout.has("order_name"):
        return order
    name = layout.text("order_name")
    first, last = order.min().over(name), order.max().over(name)
    above = pl.when(name == pl.when(order.is_not_null()).then(name).forward_fill()).then(order.forward_fill())
    return pl.coalesce(order, pl.when(first == last).then(first), above, name)


def _money(account: Account) -> dict[str, pl.Expr]:
    """The row's amount and refund, and whether it is a refund by itself."""
    layout = account.layout
    decimal = account.settle_decimals("amount", "unit_price", "refund", "after_refund")

    def number(name: str) -> pl.Expr:
        return amounts.number(layout.cell(name), decimal)

    if priced_by_line(layout):
        amount, blank = amounts.minor(number("quantity") * number("unit_price")), pl.lit(value=False)
        # a credit note's lines have a negative quantity, so its id (C1234) need not be believed
        returned = (number("quantity") < 0).fill_null(value=False)
    else:
        # a part that is not there is none, but one that can't be read makes the sum unreadable
        plus, minus = (
            [_part(pl.col(column), decimal) for column in columns] for columns in (layout.plus, layout.minus)
        )
        amount = amounts.minor(
            pl.sum_horizontal(number("amount"), *plus, *(-part.abs() for part in minus), ignore_nulls=False)
        )
        returned, blank = (amount < 0).fill_null(value=False), layout.text("amount").is_null()
    written = layout.text("refund")
    refund = amounts.minor(number("refund")).abs()
    if layout.has("after_refund"):
        left = amounts.minor(number("after_refund"))
        refund = pl.when((left > 0) & (left < amount)).then(amount - left)  # 0.00 may just mean "not adjusted"
        written = pl.when(left.is_null()).then(layout.text("after_refund"))
    return {
        "amount": amount,
        "amount_blank": blank,
        "returned": returned,
        "refund": refund,
        "refund_written": written.is_not_null(),
    }


def _part(column: pl.Expr, decimal: str) -> pl.Expr:
    return pl.when(text(column).is_null()).then(0.0).otherwise(amounts.number(column, decimal))


def _states(layout: Layout) -> dict[str, pl.Expr]:
    """What became of the row: the first reason to leave it out, else refunded or kept; and the first unknown word."""
    meanings = [state.meaning() for state in layout.states]
    nothing = pl.lit(None, pl.String)
    left_out = [pl.when(meaning.is_in(LEFT_OUT)).then(meaning) for meaning in meanings]
    refunded = [pl.when(meaning == "refunded").then(meaning) for meaning in meanings]
    unknown = [
        pl.when(meaning.is_null()).then(text(pl.col(state.column)))
        for state, meaning in zip(layout.states, meanings, strict=True)
    ]
    return {
        "state": pl.coalesce(*left_out, *refunded, *meanings, nothing),
        "status": pl.coalesce(*unknown, nothing),
    }


def _customer(layout: Layout) -> pl.Expr:
    """The normalised key: e-mail, else customer id, else phone digits, else the name; null for a guest."""
    keys = []
    if layout.has("email"):
        keys.append(layout.text("email").str.to_lowercase())
    if layout.has("customer_id"):
        written = layout.text("customer_id")
        address = written.str.contains("@", literal=True)
        keys.append(pl.when(address).then(written.str.to_lowercase()).otherwise(written))
    if layout.has("phone"):
        digits = layout.text("phone").str.replace_all("[^0-9]", "")
        keys.append(pl.when(digits != "").then(pl.lit("phone ") + digits))
    if layout.has("customer_name"):
        keys.append(pl.lit(BY_NAME) + layout.text("customer_name").str.to_lowercase())
    if not keys:
        return pl.lit(None, pl.String)
    guests = [*fold_words("guest_words"), *(f"name{word}" for word in fold_words("guest_words"))]
    return pl.coalesce(pl.when(~folded(key).is_in(guests)).then(key) for key in keys)


def priced_by_line(layout: Layout) -> bool:
    """Whether the rows are lines of a quantity at a price, and the order's amount is their sum."""
    return "amount" not in layout.columns
