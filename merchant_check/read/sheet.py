"""Monthly sheets (staffing, cash): a row a month becomes numbers by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from merchant_check.errors import UserError, clean
from merchant_check.facts import MINOR, last_day, month_label, month_number
from merchant_check.read import amounts, dates
from merchant_check.read.account import TOTAL_ROW, Account, ReadSettings
from merchant_check.read.formats import fold, fold_words
from merchant_check.report import Input

MONEY = frozenset(
    (
        *("payroll", "bonus", "training_spend", "cash_balance", "financing"),
        *("company_revenue", "gross_profit", "cogs", "marketing", "inventory"),
    )
)
MAY_BE_NEGATIVE = frozenset(("cash_balance", "financing", "gross_profit", "company_revenue"))
MONTHS = (*dates.MONTH_FORMATS, *dates.DATE_FORMATS)


@dataclass(frozen=True)
class Sheet:
    """`months`: month number → field → value (money in ten-thousandths); a blank cell is absent."""

    role: str
    months: Mapping[int, Mapping[str, float]]
    fields: frozenset[str]
    inputs: tuple[Input, ...]


def read_sheet(account: Account, settings: ReadSettings, as_of: date, complete_to: int) -> Sheet:
    """Read a monthly sheet up to the month `complete_to`, the last that has ended by `as_of`.

    Raises UserError when cells can't be read or when a month stands there twice with different figures.
    """
    account.refuse_above(settings.max_rejected)
    names = [name for name in account.layout.columns if name not in ("month", "text")]
    months: dict[int, dict[str, float]] = {}
    late: dict[str, list[int]] = {}
    for line, month, figures in _rows(account, names, settings.today):
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
    account.refuse_above(settings.max_rejected)
    if not months:
        raise _no_months(account, complete_to)
    _note_missing(account, months)
    days = sorted(last_day(month) for month in months)
    read = account.input(days[0].replace(day=1), days[-1])
    return Sheet(account.layout.role, months, frozenset(names), (read,))


def _rows(account: Account, names: Sequence[str], today: date) -> Iterator[tuple[int, int, dict[str, float]]]:
    """Each readable row: its line, its month, and its figures by field."""
    layout = account.layout
    written_as = account.settle_dates("month", today, MONTHS)
    decimal = account.settle_decimals(*names)
    rows = account.table.frame.select(
        "line",
        written=layout.text("month"),
        day=dates.day(layout.cell("month"), written_as),
        **{f"{name} written": layout.text(name) for name in names},
        **{name: amounts.number(layout.cell(name), decimal) for name in names},
    ).collect()
    for row in rows.iter_rows(named=True):
        line, day = row["line"], row["day"]
        figures = {name: _figure(name, row[name]) for name in names if row[f"{name} written"] is not None}
        unreadable = [name for name, value in figures.items() if value is None]
        if day is None and fold(row["written"] or "") in fold_words("total_words"):
            account.leave_out(TOTAL_ROW, 1, [line])
        elif day is None or unreadable:
            account.reject(f"unreadable {'month' if day is None else unreadable[0].replace('_', ' ')}", 1, [line])
        else:
            yield line, month_number(day), {name: value for name, value in figures.items() if value is not None}


def _figure(name: str, value: float | None) -> float | None:
    if value is None or abs(value) > amounts.LARGEST_AMOUNT or (value < 0 and name not in MAY_BE_NEGATIVE):
        return None
    return round(value * MINOR) if name in MONEY else value


def joined(sheets: Sequence[Sheet]) -> Sheet:
    """Several files of a role as one: years in files of their own, or a bank's statement beside a profit and loss.

    Raises UserError where two of them tell different figures for one month.
    """
    months: dict[int, dict[str, float]] = {}
    for sheet in sheets:
        for month, figures in sheet.months.items():
            known = months.setdefault(month, {})
            for name, value in figures.items():
                if known.setdefault(name, value) != value:
                    raise _at_odds(sheet, name, month)
    return Sheet(
        sheets[0].role,
        months,
        frozenset().union(*(sheet.fields for sheet in sheets)),
        tuple(read for sheet in sheets for read in sheet.inputs),
    )


def _at_odds(sheet: Sheet, name: str, month: int) -> UserError:
    return UserError(
        "files-at-odds",
        f"{sheet.inputs[0].path} tells another {name.replace('_', ' ')} for {month_label(month)} than a file before it",
        remedy=f"pass one {sheet.role} file, or files that do not overlap",
    )


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
    blank = [month_label(month) for month in every if month in months and main not in months[month]]
    if blank and account.layout.has(main):
        account.notes.append(f"no {clean(main.replace('_', ' '))} for {', '.join(blank[:6])}")
