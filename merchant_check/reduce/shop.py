"""Orders, staffing, cash and what the owner told become one set of facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from merchant_check.facts import Facts, Month, Shop, Span, month_number, span_of
from merchant_check.read.orders import Orders
from merchant_check.read.roster import Roster
from merchant_check.read.sheet import Sheet
from merchant_check.reduce.orders import OrderFacts
from merchant_check.reduce.team import roster_months, sheet_months
from merchant_check.report import Input

Figures = Mapping[int, Mapping[str, float]]
"""Month number → field → value."""

SHARED = ("headcount", "payroll", "locations")  # fields of the cash sheet that the staffing file wins over


def shop_facts(
    shop: Shop,
    today: date,
    orders: Orders,
    reduced: OrderFacts,
    staffing: Sheet | Roster | None,
    cash: Sheet | None,
) -> Facts:
    """Join the inputs month by month."""
    team = _team(staffing, reduced)
    money = _cash(cash)
    taken = {name for figures in team.values() for name in figures}
    money = {
        month: {name: value for name, value in figures.items() if name not in taken or name not in SHARED}
        for month, figures in money.items()
    }
    borrowed = {name for figures in money.values() for name in figures if name in SHARED} if staffing else set()
    months = _joined(reduced.months, team, money)
    plan, spread = _plan(shop, months, reduced.span)
    spans = {"orders": reduced.span}
    if staffing:
        spans["staffing"] = _span(team, "headcount", reduced.span)
    if cash:
        spans["cash"] = _span(money, "cash_balance", reduced.span)
    return Facts(
        shop=replace(shop, currency=shop.currency or orders.currency),
        as_of=orders.as_of,
        today=today,
        totals=reduced.totals,
        has_customers=orders.has_customers,
        spans=spans,
        sources={read.role: read.path for read in (*orders.inputs, *_inputs(staffing, cash))},
        months=tuple(replace(row, planned_revenue=plan.get(row.month)) for row in months),
        days=reduced.days,
        years=reduced.years,
        repeat_windows=reduced.repeat_windows,
        second_order=reduced.second_order,
        cohorts=reduced.cohorts,
        team_source=_team_source(staffing),
        from_cash=frozenset(borrowed),
        plan_spread=spread,
    )


def _inputs(staffing: Sheet | Roster | None, cash: Sheet | None) -> list[Input]:
    return [read for source in (staffing, cash) if source for read in source.inputs]


def _team_source(staffing: Sheet | Roster | None) -> str | None:
    if isinstance(staffing, Roster):
        return "roster" if staffing.has_ends else "survivors"
    return "sheet" if staffing else None


def _team(staffing: Sheet | Roster | None, reduced: OrderFacts) -> Figures:
    if isinstance(staffing, Roster):
        start = min(month_number(stint.start) for stint in staffing.stints)
        return roster_months(staffing, range(start, reduced.complete_to + 1))
    return sheet_months(staffing.months) if staffing else {}


def _cash(cash: Sheet | None) -> Figures:
    """The sheet's figures, with each month's net burn where both its balances are known."""
    if not cash:
        return {}
    found = {}
    for month, figures in cash.months.items():
        before = cash.months.get(month - 1, {}).get("cash_balance")
        now = figures.get("cash_balance")
        burn = {} if before is None or now is None else {"net_burn": figures.get("financing", 0) - (now - before)}
        found[month] = {**figures, **burn}
    return found


def _span(figures: Figures, field: str, orders: Span) -> Span:
    """The months for which the input's main figure is given; empty (at the orders' start) if there is none."""
    return span_of(month for month, row in figures.items() if field in row) or Span(orders.first, orders.first - 1)


def _joined(months: tuple[Month, ...], team: Figures, money: Figures) -> list[Month]:
    """One row a month from the earliest to the latest month any input knows."""
    by_month = {row.month: row for row in months}
    every = range(min([*by_month, *team, *money]), max([*by_month, *team, *money]) + 1)
    figures: dict[int, dict[str, Any]] = {month: {**money.get(month, {}), **team.get(month, {})} for month in every}
    return [replace(by_month.get(month) or Month(month), **figures[month]) for month in every]


def _plan(shop: Shop, months: list[Month], span: Span) -> tuple[dict[int, int], dict[int, str]]:
    """Planned net revenue by month, and how each year's plan was spread over its months.

    A yearly plan follows the monthly shares of the year before where that is complete, else it is spread evenly.
    """
    by_month = {row.month: row for row in months}
    plan: dict[int, int] = {}
    spread: dict[int, str] = {}
    for year, total in shop.plan_years.items():
        before = [by_month.get(month) for month in range((year - 1) * 12, year * 12)]
        sales = [row.net_revenue if row and span.first <= row.month <= span.last else 0 for row in before]
        known = span.first <= (year - 1) * 12 and span.last >= year * 12 - 1 and sum(sales) > 0
        shares = [amount / sum(sales) for amount in sales] if known else [1 / 12] * 12
        spread[year] = "last year" if known else "evenly"
        plan |= {year * 12 + index: round(total * share) for index, share in enumerate(shares)}
    for month, amount in shop.plan_months.items():
        plan[month] = amount
        spread[month // 12] = "months"
    return plan, spread
