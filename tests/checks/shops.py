"""A factory of Facts for the checks' tests: one calm shop, of which a test changes a single thing.

    judge("growth-pace", orders=lately(3, 1250, 1000)).status

Months are counted from the last complete one, October 2026: 0 is that month, -12 the October before. A monthly figure
is a constant or a function of the month; money is in whole units. Whatever a test does not give follows from what it
does: days add up to months, months to years and windows, net burn follows from the balances, newcomers from the hires.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from merchant_check.checks import CHECKS
from merchant_check.checks.check import Settings, run
from merchant_check.facts import (
    MINOR,
    Cohort,
    Day,
    Facts,
    Finance,
    Month,
    RepeatWindow,
    SecondOrder,
    Shop,
    Span,
    Totals,
    Year,
    first_day,
    last_day,
    month_number,
    repeat_window_length,
    span_of,
)
from merchant_check.report import Finding, GradedPart, Status, Threshold

Figure = float | None | Callable[[int], float | None]
"""A monthly figure: a constant, or a function of the month (0: the last complete one, -1: the one before)."""

Table = Sequence[tuple[int, int, int]]
"""A Kaplan-Meier table: rows of (gap in days, customers at risk, events)."""

OK, WARNING, CRITICAL = Status.OK, Status.WARNING, Status.CRITICAL
UNKNOWN, SKIPPED = Status.UNKNOWN, Status.SKIPPED

OCTOBER = month_number(date(2026, 10, 1))  # L, the last complete month
BY_ID = {check.id: check for check in CHECKS}

TEAM = (
    *("headcount", "hires", "leavers", "newcomers", "locations"),
    *("payroll", "bonus", "training_hours", "training_spend"),
)
CASH = ("cash_balance", "financing", "company_revenue", "gross_profit", "cogs", "marketing", "inventory", "net_burn")
MONEY = {
    *("revenue", "refunds", "repeat_revenue", "largest_order", "payroll", "bonus", "training_spend", "planned_revenue"),
    *CASH,
}
PRICE = 100  # of every order, unless a test says otherwise


def lately(months: int, now: float | None, before: float | None = None) -> Callable[[int], float | None]:
    """`now` in the latest months, `before` (none: not known) in those before them."""
    return lambda month: now if month > -months else before


def among(months: Iterable[int], these: float | None, others: float | None) -> Callable[[int], float | None]:
    """`these` in the given months, `others` in all the rest."""
    chosen = frozenset(months)
    return lambda month: these if month in chosen else others


def burning(monthly: Figure, left: float) -> Callable[[int], float]:
    """A cash balance that falls by so much in each month, and stands at `left` at the end of the last one."""
    return lambda month: left + sum(_sure(monthly, later) for later in range(month + 1, 1))


def came_back(share: float, customers: int = 10_000, days: int = 365) -> Table:
    """New customers of whom a share returned on day 30; the others were followed for `days`, 29 of them for longer."""
    events = round(share * customers)
    left = customers - events
    return [(30, customers, events), *((gap, left if gap <= days else 29, 0) for gap in (90, 180, 365))]


LOYAL = came_back(0.40)

STEADY: Mapping[str, Figure] = {
    "orders": 1000,
    "headcount": 10,
    "hires": 0,
    "leavers": 0,
    "payroll": 20_000,
    "locations": 5,
    "cash_balance": 1_000_000,
    "financing": 0,
    "cogs": 60_000,
    "marketing": 10_000,
    "inventory": 100_000,
}
"""The calm shop: 1,000 orders of 100 a month, a team of 10, money in the bank and none of it burned."""


def shop(
    *,
    months: int = 36,
    as_of: date | None = None,
    sales: Callable[[date], float] | None = None,
    repeat: Figure = 0.60,
    cluster: int = 1,
    buyers: Figure = None,
    kept: Figure = 0.60,
    returned: Table = LOYAL,
    returned_peak: Table = LOYAL,
    returned_other: Table = LOYAL,
    spent: Callable[[int], float] = lambda age: 100 if age == 0 else 10,
    has_customers: bool = True,
    team_source: str = "sheet",
    from_cash: Iterable[str] = (),
    opened: date | None = None,
    category: str = "general",
    closed: Iterable[int] = (),
    finance: Finance | None = None,
    plan: Mapping[int, float] | None = None,
    plan_months: Mapping[int, float] | None = None,
    spans: Mapping[str, Span] | None = None,
    **figures: Figure,
) -> Facts:
    """Facts of a shop with so many complete months.

    `figures` are the fields of Month. `headcount=None` means no staffing file, `cash_balance=None` no cash file.
    `sales`: each day's net revenue, where evenly spread months won't do. `repeat`: the share of repeat orders.
    `cluster`: orders that belong together because one customer made them. `buyers`, `kept` (revenue retained ÷ sales
    of the year before): by the year's last month. `returned`: the second-order table at every month-end; `spent`:
    what a new customer brings in, by age in months. `closed` and `plan_months` count months like figures do.
    """
    end = as_of or last_day(OCTOBER)
    newest = month_number(end)
    numbers = range(min(OCTOBER - months + 1, OCTOBER), newest + 1)
    complete = Span(OCTOBER - months + 1, OCTOBER)
    rows = _with_plan(_months(numbers, figures, repeat, sales, end), plan or {}, plan_months or {}, complete)
    days = tuple(_days(rows, sales, end))
    by_month = {row.month: row for row in rows}
    reach = {"orders": complete}
    for role, main in (("staffing", "headcount"), ("cash", "cash_balance")):
        found = span_of(row.month for row in rows if getattr(row, main) is not None)
        reach |= {role: found} if found else {}
    reach |= spans or {}
    return Facts(
        shop=Shop(
            name="Lumen Lamps",
            currency="EUR",
            opened=opened,
            category=category,
            closed=frozenset(OCTOBER + month for month in closed),
            finance=finance,
            plan_years={year: _minor(amount) for year, amount in (plan or {}).items()},
            plan_months={OCTOBER + month: _minor(amount) for month, amount in (plan_months or {}).items()},
        ),
        as_of=end,
        today=end + timedelta(days=3),
        totals=_totals(rows, days),
        has_customers=has_customers,
        spans=reach,
        sources={"orders": "orders.csv", "staffing": "staffing.csv", "cash": "cash.csv"},
        months=rows,
        days=days,
        years=tuple(_years(by_month, complete, buyers, kept)),
        repeat_windows=tuple(_repeat_windows(by_month, complete, cluster)),
        second_order=tuple(_second_order(newest, months, returned, returned_peak, returned_other)),
        cohorts=tuple(_cohorts(rows, newest, spent)),
        team_source=team_source if "staffing" in reach else None,
        from_cash=frozenset(from_cash),
        plan_spread=_spread(plan or {}, plan_months or {}, complete),
    )


def judge(check: str, lines: Mapping[str, Threshold] | None = None, /, **overrides: Any) -> Finding:
    """The check's finding on the calm shop with these overrides, by the default lines or by the ones given."""
    return judge_facts(check, shop(**overrides), lines)


def judge_facts(check: str, facts: Facts, lines: Mapping[str, Threshold] | None = None) -> Finding:
    (finding,) = run([BY_ID[check]], facts, {check: Settings(lines=lines or {})})
    return finding


def part(finding: Finding, name: str) -> GradedPart:
    """One of the finding's figures, by its id."""
    found = {figure.id: figure for figure in finding.parts}
    assert name in found, finding.reason
    return found[name]


def value(finding: Finding, name: str | None = None) -> float:
    """A figure's value (the first one's), where there is one."""
    assert finding.parts, finding.reason
    found = part(finding, name or finding.parts[0].id)
    assert found.value is not None, found.reason
    return found.value


def told(finding: Finding, name: str) -> float:
    """A number of the finding's evidence; money in whole units."""
    quantity = finding.evidence[name]
    return quantity.value / MINOR if quantity.unit == "money" else quantity.value


def near(figure: Any, **tolerance: Any) -> Any:
    """Equal but for rounding; wherever a figure is compared."""
    return pytest.approx(figure, **tolerance)


def money(amount: float) -> int:
    """An amount in ten-thousandths, as facts and finance hold it."""
    return _minor(amount)


def _minor(amount: float) -> int:
    return round(amount * MINOR)


def _at(figure: Figure, month: int) -> float | None:
    return figure(month) if callable(figure) else figure


def _sure(figure: Figure, month: int) -> float:
    return _at(figure, month) or 0.0


# --- months and days -----------------------------------------------------------------------------------------


def _months(
    numbers: range,
    figures: Mapping[str, Figure],
    repeat: Figure,
    sales: Callable[[date], float] | None,
    end: date,
) -> list[Month]:
    found: list[Month] = []
    given = {**STEADY, **figures}
    for number in numbers:
        month = number - OCTOBER
        row: dict[str, float | None] = {name: _at(figure, month) for name, figure in given.items()}
        for main, fields in (("headcount", TEAM), ("cash_balance", CASH)):
            if row[main] is None or (month > 0 and main not in figures):  # no such file, or it ends with October
                row |= {name: None for name in fields if name not in figures or name == main}
        orders = row["orders"] or 0
        known = orders - (row.get("orders_without_customer") or 0)
        returning = round(known * _sure(repeat, month))
        row.setdefault("revenue", PRICE * orders)
        if sales:
            row["revenue"] = sum(sales(day) for day in _days_of(number, end)) + (row.get("refunds") or 0)
        row.setdefault("largest_order", PRICE if orders else 0)
        row.setdefault("repeat_orders", returning)
        row.setdefault("new_customers", known - returning)
        row.setdefault("active_customers", known)
        row.setdefault("repeat_revenue", PRICE * (row["repeat_orders"] or 0))
        row.setdefault("newcomers", _newcomers(found, row, month) if row["headcount"] is not None else None)
        found.append(Month(number, **{name: _typed(name, amount) for name, amount in row.items()}))
    return [_with_burn(row, found[index - 1] if index else None, figures) for index, row in enumerate(found)]


def _typed(name: str, amount: float | None) -> Any:
    if amount is None:
        return None
    if name in MONEY:
        return _minor(amount)
    return amount if name in TEAM else round(amount)


def _newcomers(before: Sequence[Month], row: Mapping[str, float | None], month: int) -> float | None:
    """The hires of six months where all are known; else the growth of headcount over six."""
    latest = [*(earlier.hires for earlier in before[-5:]), row["hires"]]
    if len(latest) == 6 and None not in latest:
        return sum(hires for hires in latest if hires)
    earlier = before[-6].headcount if len(before) >= 6 else None
    return None if earlier is None else max(0.0, (row["headcount"] or 0) - earlier)


def _with_burn(row: Month, before: Month | None, figures: Mapping[str, Figure]) -> Month:
    if "net_burn" in figures or before is None or row.cash_balance is None or before.cash_balance is None:
        return row
    burn = (row.financing or 0) - (row.cash_balance - before.cash_balance)
    return replace(row, net_burn=burn)


@cache
def _days_of(number: int, end: date) -> list[date]:
    last = min(last_day(number), end)
    return [first_day(number) + timedelta(days=index) for index in range((last - first_day(number)).days + 1)]


def _days(rows: Sequence[Month], sales: Callable[[date], float] | None, end: date) -> Iterable[Day]:
    """The month's orders, evenly over its days; its largest order lies on its first day."""
    for row in rows:
        days = _days_of(row.month, end)
        orders, new = (_spread_evenly(amount, len(days)) for amount in (row.orders, row.new_customers))
        net = [_minor(sales(day)) for day in days] if sales else _spread_evenly(row.net_revenue, len(days))
        for index, day in enumerate(days):
            usual = min(row.largest_order, PRICE * MINOR) if orders[index] else 0
            yield Day(day, orders[index], net[index], new[index], usual if index else row.largest_order)


def _spread_evenly(amount: int, parts: int) -> list[int]:
    return [amount * (index + 1) // parts - amount * index // parts for index in range(parts)]


def _totals(rows: Sequence[Month], days: Sequence[Day]) -> Totals:
    return Totals(
        orders=sum(row.orders for row in rows),
        orders_with_customer=sum(row.orders_with_customer for row in rows),
        customers=sum(row.new_customers for row in rows),
        repeat_customers=sum(row.new_customers for row in rows) // 3,
        repeat_orders=sum(row.repeat_orders for row in rows),
        revenue=sum(row.revenue for row in rows),
        refunds=sum(row.refunds for row in rows),
        first_day=days[0].day,
        last_day=max((day.day for day in days if day.orders), default=days[-1].day),
    )


# --- years, windows, tables ----------------------------------------------------------------------------------


def _years(by_month: Mapping[int, Month], complete: Span, buyers: Figure, kept: Figure) -> Iterable[Year]:
    def known(months: range) -> int:
        """Net revenue with a customer."""
        rows = [by_month[month] for month in months]
        return sum(row.net_revenue * row.orders_with_customer // row.orders for row in rows if row.orders)

    for to in range(complete.first + 11, complete.last + 1):
        rows = [by_month[month] for month in range(to - 11, to + 1)]
        orders = sum(row.orders_with_customer for row in rows)
        found = _at(buyers, to - OCTOBER)
        yield Year(
            to,
            buyers=orders // 2 if found is None else round(found),
            orders_with_customer=orders,
            net_revenue=sum(row.net_revenue for row in rows),
            net_revenue_with_customer=known(range(to - 11, to + 1)),
            retained_revenue=round(_sure(kept, to - OCTOBER) * known(range(to - 23, to - 11)))
            if to - 23 >= complete.first
            else None,
        )


def _repeat_windows(by_month: Mapping[int, Month], complete: Span, cluster: int) -> Iterable[RepeatWindow]:
    """The windows that the reducer yields; every customer has `cluster` orders, all of them repeat orders or none."""
    ends = range(max(complete.first, complete.last - 11), complete.last + 1)
    windows = {(to, repeat_window_length(to - complete.first + 1)) for to in ends}
    windows.add((complete.last - 12, repeat_window_length(len(complete))))
    for to, length in sorted(windows):
        if to - length + 1 >= complete.first:
            rows = [by_month[month] for month in range(to - length + 1, to + 1)]
            n, r = sum(row.orders_with_customer for row in rows), sum(row.repeat_orders for row in rows)
            yield RepeatWindow(to, length, n, r, cluster * r, cluster * r, cluster * n)


def _second_order(newest: int, months: int, everyone: Table, peak: Table, other: Table) -> Iterable[SecondOrder]:
    for to in range(newest - 13, newest + 1):
        yield from (SecondOrder(to, "all", *row) for row in everyone)
    if months >= 12:
        for group, table in (("peak", peak), ("other", other)):
            yield from (SecondOrder(newest, group, *row) for row in table)


def _cohorts(rows: Sequence[Month], newest: int, spent: Callable[[int], float]) -> Iterable[Cohort]:
    for row in rows:
        if row.new_customers:
            for age in range(min(12, newest - row.month) + 1):
                yield Cohort(row.month, age, row.new_customers, row.new_customers * _minor(spent(age)))


# --- the plan ------------------------------------------------------------------------------------------------


def _last_year(year: int, complete: Span) -> range | None:
    """The months of the year before, where all of them are complete."""
    months = range((year - 1) * 12, year * 12)
    return months if complete.first <= months[0] and months[-1] <= complete.last else None


def _spread(plan: Mapping[int, float], plan_months: Mapping[int, float], complete: Span) -> dict[int, str]:
    found = {year: "last year" if _last_year(year, complete) else "evenly" for year in plan}
    return found | {(OCTOBER + month) // 12: "months" for month in plan_months}


def _with_plan(
    rows: Sequence[Month], plan: Mapping[int, float], plan_months: Mapping[int, float], complete: Span
) -> tuple[Month, ...]:
    """A year's plan by the shares of the months of the year before, else evenly; a month's plan as it is."""
    sales = {row.month: row.net_revenue for row in rows}

    def planned(month: int) -> int | None:
        if month - OCTOBER in plan_months:
            return _minor(plan_months[month - OCTOBER])
        if month // 12 not in plan:
            return None
        before = _last_year(month // 12, complete)
        whole = sum(sales[number] for number in before) if before else 0
        share = sales[month - 12] / whole if whole else 1 / 12
        return round(_minor(plan[month // 12]) * share)

    if not plan and not plan_months:
        return tuple(rows)
    return tuple(replace(row, planned_revenue=planned(row.month)) for row in rows)
