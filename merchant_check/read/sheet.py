"""Monthly sheets (staffing, cash): a row a month becomes numbers by field, small enough to read row by row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from merchant_check.errors import UserError, clean
from merchant_check.facts import MINOR, last_day, month_label, month_number
from merchant_check.read.account import Account
from merchant_check.read.values import LARGEST_AMOUNT, is_missing, parse_day, parse_number
from merchant_check.report import Input

MONEY = frozenset(
    (
        *("payroll", "bonus", "training_spend", "cash_balance", "financing"),
        *("company_revenue", "gross_profit", "cogs", "marketing", "inventory"),
    )
)
MAY_BE_NEGATIVE = frozenset(("cash_balance", "financing", "gross_profit", "company_revenue"))


@dataclass(frozen=True)
class Sheet:
    """`months`: month number → field → value (money in ten-thousandths); a blank cell is absent."""

    role: str
    months: Mapping[int, Mapping[str, float]]
    fields: frozenset[str]
    input: Input


def read_sheet(account: Account, as_of: date, complete_to: int, max_rejected: float) -> Sheet:
    """Read a monthly sheet up to the month `complete_to`, the last that has ended by `as_of`.

    Raises UserError when cells can't be read or when a month stands there twice with different figures.
    """
    columns = account.layout.columns
    names = [name for name in columns if name != "month"]
    months: dict[int, dict[str, float]] = {}
    late: dict[str, list[int]] = {}
    rows = account.table.frame.select("line", columns["month"], *(columns[name] for name in names)).collect()
    for line, month_text, *cells in rows.iter_rows():
        month = _month(month_text)
        parsed = {name: _cell(name, cell) for name, cell in zip(names, cells, strict=True) if not is_missing(cell)}
        unreadable = [name for name, value in parsed.items() if value is None]
        if month is None or unreadable:
            account.reject(f"unreadable {'month' if month is None else unreadable[0].replace('_', ' ')}", [line])
            continue
        figures = {name: value for name, value in parsed.items() if value is not None}
        if month > complete_to:
            late.setdefault("in a month not complete" if month == month_number(as_of) else "after as_of", []).append(
                line
            )
        elif months.get(month) == figures:
            account.leave_out("identical duplicate", 1, [line])
        elif month in months:
            raise _twice(account, month, line)
        else:
            months[month] = figures
    for reason, lines in late.items():
        account.leave_out(reason, len(lines), lines)
    account.refuse_above(max_rejected)
    if not months:
        raise _no_months(account, complete_to)
    _note_missing(account, months)
    days = sorted(last_day(month) for month in months)
    return Sheet(account.layout.role, months, frozenset(names), account.input(days[0].replace(day=1), days[-1]))


def _month(written: str | None) -> int | None:
    """The month of `2026-03`, `2026/03` or an ISO day in it."""
    if written and (found := re.fullmatch(r"(\d{4})[-/](\d{1,2})", written.strip())):
        year, month = int(found[1]), int(found[2])
        return year * 12 + month - 1 if 1 <= month <= 12 and year >= 1970 else None
    day = parse_day(written)
    return month_number(day) if day else None


def _cell(name: str, written: str) -> float | None:
    value = parse_number(written)
    if value is None or abs(value) > LARGEST_AMOUNT or (value < 0 and name not in MAY_BE_NEGATIVE):
        return None
    return round(value * MINOR) if name in MONEY else value


def _twice(account: Account, month: int, line: int) -> UserError:
    return UserError(
        "month-twice",
        f"{month_label(month)} stands there twice, with different figures",
        remedy="remove the row that is wrong",
        where=account.table.where(line),
    )


def _no_months(account: Account, complete_to: int) -> UserError:
    return UserError(
        "no-rows",
        f"has no rows up to {month_label(complete_to)}, the orders' last complete month",
        remedy=f"export a {account.layout.role} sheet that covers the same months as the orders",
        where=account.table.where(),
    )


def _note_missing(account: Account, months: Mapping[int, Mapping[str, float]]) -> None:
    """Say which months are missing between the sheet's first and last, and which lack the sheet's main figure."""
    main = "headcount" if account.layout.role == "staffing" else "cash_balance"
    every = range(min(months), max(months) + 1)
    if absent := [month_label(month) for month in every if month not in months]:
        account.notes.append(f"no row for {', '.join(absent[:6])}{', …' if len(absent) > 6 else ''}")
    if blank := [month_label(month) for month in every if month in months and main not in months[month]]:
        account.notes.append(f"no {clean(main.replace('_', ' '))} for {', '.join(blank[:6])}")
