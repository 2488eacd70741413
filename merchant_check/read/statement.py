"""Bank statements become month-end balances and financing, from bookings that each have a day and an amount."""

from __future__ import annotations

import re
from datetime import date

import polars as pl

from merchant_check.errors import Open, UserError, clean
from merchant_check.facts import MINOR, last_day, month_label, month_number
from merchant_check.read import amounts, dates
from merchant_check.read.account import TOTAL_ROW, Account, ReadSettings, counted
from merchant_check.read.formats import fold_words
from merchant_check.read.sheet import Sheet
from merchant_check.read.text import folded, text

OUTGOING = r"^(?:借|支|debit|dr\b|out|soll|付)"  # how a direction column's words for money spent begin
WEEK = 7  # a statement that ends longer before its month does has no balance for that month's end


def read_statement(account: Account, settings: ReadSettings, as_of: date, complete_to: int) -> Sheet:
    """Read a statement up to the month `complete_to`, the last that has ended by `as_of`: the balance after each
    month's last booking (a month without any keeps the one before), and as financing the bookings whose text
    `columns.cash.financing_match` finds.

    Raises UserError where rows can't be read, where one statement has several currencies, or where it can't be told
    which of a day's bookings came last.
    """
    bookings = _in_order(_bookings(account, settings), account)
    reach = _last(bookings["day"])
    bookings = bookings.with_columns(month=pl.col("day").dt.year() * 12 + pl.col("day").dt.month() - 1)
    for why, off in (
        ("in a month not complete", (pl.col("month") > complete_to) & (pl.col("month") == month_number(as_of))),
        ("after as_of", (pl.col("month") > complete_to) & (pl.col("month") != month_number(as_of))),
    ):
        late = bookings.filter(off)["line"]
        account.leave_out(why, late.len(), sorted(late.to_list()))
    bookings = bookings.filter(pl.col("month") <= complete_to)
    if bookings.is_empty():
        raise _nothing(account, complete_to)
    months = _by_month(bookings, account, reach)
    days = bookings["day"]
    read = account.input(_last(days.reverse()), _last(days))
    return Sheet("cash", months, frozenset(("cash_balance", "financing")), (read,))


def _last(days: pl.Series) -> date:
    found = days.last()
    assert isinstance(found, date)
    return found


def _bookings(account: Account, settings: ReadSettings) -> pl.DataFrame:
    """The readable bookings in the order of the file: line, day, amount, balance (null without such a column; both in
    ten-thousandths) and text."""
    table, layout = account.table, account.layout
    account.refuse_above(settings.max_rejected)
    written_as = account.settle_dates("booked_on", settings.today)
    decimal = account.settle_decimals("booked_amount", "money_in", "money_out", "balance")

    def money(name: str) -> pl.Expr:
        return amounts.minor(amounts.number(layout.cell(name), decimal))

    amount = money("booked_amount")
    if layout.has("money_in", "money_out"):
        given = layout.text("money_in").is_not_null() | layout.text("money_out").is_not_null()
        amount = pl.when(given).then(money("money_in").fill_null(0) - money("money_out").abs().fill_null(0))
    if layout.has("direction"):
        out = layout.text("direction").str.to_lowercase().str.contains(OUTGOING)
        amount = pl.when(out).then(-amount.abs()).otherwise(amount)
    said = [text(pl.col(column)) for column in layout.columns.get("text", ())]
    rows = table.frame.select(
        "line",
        written=layout.text("booked_on"),
        day=dates.day(layout.cell("booked_on"), written_as),
        amount=amount,
        balance=money("balance"),
        currency=layout.text("currency"),
        text=pl.concat_str(*said, separator=" ", ignore_nulls=True) if said else pl.lit(None, pl.String),
        **account.signs_at("booked_amount", "money_in", "money_out", "balance"),
    ).collect()
    needed = "financing_match" in layout.settings  # only then a figure depends on the texts
    account.refuse_foreign(rows["text"] if needed else rows["text"].head(0))
    account.refuse_mixed_signs(rows.lazy())
    totals = rows.filter(folded(pl.col("written")).is_in(list(fold_words("total_words"))))
    account.leave_out(TOTAL_ROW, totals.height, totals["line"].to_list())
    rows = _one_currency(rows.join(totals, on="line", how="anti", maintain_order="left"), account, settings.currency)
    money_of = "balance" if layout.has("balance") else "amount"
    for reason, bad in (("date", pl.col("day").is_null()), (money_of, pl.col(money_of).is_null())):
        unread = rows.filter(bad)["line"].to_list()
        account.reject(f"unreadable {reason}", len(unread), unread)
        rows = rows.filter(~bad)
    account.refuse_above(settings.max_rejected)
    if rows.is_empty():
        raise _nothing(account, None)
    return rows


def _one_currency(rows: pl.DataFrame, account: Account, wanted: str | None) -> pl.DataFrame:
    """The bookings in one currency: balances of several accounts in one file are no one account's."""
    found = amounts.by_frequency(rows["currency"])
    if len(found) < 2:
        return rows
    if wanted not in found:
        raise UserError(
            "several-currencies",
            f"the bookings are in several currencies ({', '.join(map(clean, found[:5]))})",
            remedy=f"set merchant.currency, e.g. {clean(found[0])}, or pass one account's statement",
            where=account.table.where(),
            question=Open("merchant.currency", tuple(found)),
        )
    other = rows.filter(pl.col("currency").str.to_uppercase() != wanted)["line"]
    account.leave_out("other currency", other.len(), other.to_list())
    return rows.filter(~pl.col("line").is_in(other.implode()))


def _in_order(rows: pl.DataFrame, account: Account) -> pl.DataFrame:
    """The bookings from the oldest to the newest, each with its balance.

    Of a day's bookings the first in the file may be the oldest or the newest: right is the way in which more balances
    follow from the booking before; where that says nothing, a day's bookings stand in the order of the days.
    """
    oldest_first, newest_first = rows.sort("day", maintain_order=True), rows.reverse().sort("day", maintain_order=True)
    rising, falling = rows["day"].is_sorted(), rows["day"].is_sorted(descending=True)
    if not account.layout.has("balance"):
        opening = round(float(account.layout.settings["opening_balance"]) * MINOR)
        return oldest_first.with_columns(balance=pl.lit(opening) + pl.col("amount").cum_sum())
    breaks = _breaks(oldest_first) - _breaks(newest_first)
    if breaks == 0 and rising == falling and _ends(oldest_first) != _ends(newest_first):
        raise UserError(
            "unclear-order",
            "its bookings are not in the order of their days, and the balances don't tell which came last on a day",
            remedy="export it again, sorted by date",
            where=account.table.where(),
        )
    ordered = newest_first if breaks > 0 or (breaks == 0 and falling and not rising) else oldest_first
    if broken := _breaks(ordered):
        account.notes.append(
            f"{counted(broken, 'balance')} not following from the booking before: bookings may be missing"
        )
    return ordered


def _breaks(ordered: pl.DataFrame) -> int:
    """How many balances are not the one before plus the booking's amount."""
    follows = ordered["balance"].shift(1) + ordered["amount"] == ordered["balance"]
    return int((~follows).sum())


def _ends(ordered: pl.DataFrame) -> list[int]:
    """The last balance of each day."""
    return ordered.group_by("day", maintain_order=True).last()["balance"].to_list()


def _by_month(bookings: pl.DataFrame, account: Account, reach: date) -> dict[int, dict[str, float]]:
    """Each month's last balance and its financing, from the first booking's month on."""
    ends = dict(bookings.group_by("month", maintain_order=True).agg(pl.col("balance").last()).iter_rows())
    pattern = account.layout.settings.get("financing_match")
    financing: dict[int, int] = {}
    if pattern:
        wanted = re.compile(pattern, re.IGNORECASE)
        for month, amount, said in bookings.select("month", "amount", "text").iter_rows():
            if wanted.search(said or ""):
                financing[month] = financing.get(month, 0) + (amount or 0)
    else:
        account.notes.append("loans and capital count as earned, unless columns.cash.financing_match finds them")
    months: dict[int, dict[str, float]] = {}
    for month in range(min(ends), max(ends) + 1):
        balance = ends.get(month, months.get(month - 1, {}).get("cash_balance", 0))
        months[month] = {"cash_balance": balance} | ({"financing": financing.get(month, 0)} if pattern else {})
    last = max(months)
    if month_number(reach) == last and (last_day(last) - reach).days > WEEK:
        account.notes.append(f"ends on {reach}: no balance for the end of {month_label(last)}")
        del months[last]
    return months


def _nothing(account: Account, complete_to: int | None) -> UserError:
    upto = f" up to {month_label(complete_to)}, the orders' last complete month" if complete_to else ""
    return UserError(
        "no-rows",
        f"has no bookings{upto}",
        remedy="export a statement that covers the same months as the orders",
        where=account.table.where(),
    )
