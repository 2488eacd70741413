"""What holds for every shop: worse is never better, checks only raise CannotTell, summaries name what is there."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merchant_check.checks import CHECKS
from merchant_check.checks.check import CannotTell, Check
from merchant_check.facts import Facts, Finance, last_day
from merchant_check.report import Measurement

from .shops import BY_ID, OCTOBER, burning, came_back, judge, lately, money, shop

# --- worse is never better -----------------------------------------------------------------------------------

Lever = Callable[[float], dict[str, Any]]
"""What a test overrides when it pulls the lever by an amount from 0 to 1: the more, the worse."""


def _season(peak: float) -> Callable[[date], float]:
    return lambda day: 900 + 9_000 * peak if day.month in (2, 3) else 900


WORSE: dict[str, tuple[str, str, Lever]] = {  # what gets worse: check, its figure, lever
    "more orders, same team": ("growth-pace", "pace", lambda bad: {"orders": lately(3, 700 + 1300 * bad, 1000)}),
    "more of few orders": ("growth-pace", "pace", lambda bad: {"orders": lately(3, 10 + 30 * bad, 12)}),
    "same orders, smaller team": ("growth-pace", "pace", lambda bad: {"headcount": lately(3, 120 - 80 * bad, 100)}),
    "more people, same sales": ("over-hiring", "per-head", lambda bad: {"headcount": lately(3, 9 + 12 * bad, 10)}),
    "more people for two years": ("over-hiring", "per-head", lambda bad: {"headcount": lately(24, 9 + 24 * bad, 10)}),
    "less sales, more people": (
        *("over-hiring", "per-head"),
        lambda bad: {"headcount": lately(3, 13, 10), "revenue": lately(3, 150_000 - 120_000 * bad, 100_000)},
    ),
    "less sales, twice the people": (
        *("over-hiring", "per-head"),
        lambda bad: {"headcount": lately(24, 30, 10), "revenue": lately(3, 320_000 - 250_000 * bad, 100_000)},
    ),
    "more newcomers": ("newcomers", "share", lambda bad: {"hires": lately(6, 2 * bad)}),
    "faster growth of the team": (
        "newcomers",
        "share",
        lambda bad: {"headcount": lately(6, 10 + 9 * bad, 10), "hires": None},
    ),
    "more leavers": ("turnover", "share", lambda bad: {"leavers": bad}),
    "more hires at the same headcount": ("turnover", "share", lambda bad: {"hires": bad, "leavers": None}),
    "less pay": (
        *("team-investment", "sharing"),
        lambda bad: {"payroll": lately(12, 30_000 - 20_000 * bad, 20_000), "revenue": lately(12, 140_000, 100_000)},
    ),
    "more untrained newcomers": ("team-investment", "training", lambda bad: {"training_hours": 0, "hires": 2 * bad}),
    "more locations": ("locations", "pace", lambda bad: {"locations": lately(12, round(5 + 20 * bad), 6)}),
    "fewer people for more locations": (
        *("locations", "pace"),
        lambda bad: {"locations": lately(12, 12, 10), "headcount": lately(12, 14 - 9 * bad, 10)},
    ),
    "fewer repeat orders": ("repeat-share", "share", lambda bad: {"repeat": 0.99 - 0.9 * bad}),
    "fewer repeat orders of few customers": (
        *("repeat-share", "share"),
        lambda bad: {"repeat": 0.99 - 0.9 * bad, "cluster": 150},
    ),
    "fewer repeat orders, short file": (
        "repeat-share",
        "share",
        lambda bad: {"repeat": 0.99 - 0.9 * bad, "months": 15},
    ),
    "fewer repeat orders than a year ago": (
        *("repeat-share", "change"),
        lambda bad: {"repeat": lately(12, 0.99 - 0.9 * bad, 0.6)},
    ),
    "fewer second orders": ("second-order", "probability", lambda bad: {"returned": came_back(0.5 - 0.5 * bad)}),
    "fewer second orders of few": (
        "second-order",
        "probability",
        lambda bad: {"returned": came_back(0.5 - 0.5 * bad, 70)},
    ),
    "fewer second orders, half a year": (
        *("second-order", "probability"),
        lambda bad: {"returned": came_back(0.5 - 0.5 * bad, 200, 180)},
    ),
    "less revenue kept": ("retained-revenue", "share", lambda bad: {"kept": 1 - bad}),
    "fewer buyers": ("active-customers", "buyers", lambda bad: {"buyers": lately(12, 7000 - 3000 * bad, 6000)}),
    "fewer strangers": (
        *("active-customers", "new-customers"),
        lambda bad: {"new_customers": lately(3, 400 - 300 * bad, 400)},
    ),
    "fewer orders of as many buyers": (
        *("active-customers", "orders-per-buyer"),
        lambda bad: {"orders": lately(12, 1100 - 500 * bad, 1000), "buyers": 6000},
    ),
    "a stronger season": ("peak-dependence", "season", lambda bad: {"sales": _season(bad)}),
    "a stronger day": (
        *("peak-dependence", "day"),
        lambda bad: {"sales": lambda day: 900 + 90_000 * bad if (day.month, day.day) == (5, 5) else 900},
    ),
    "fewer second orders of the best days": (
        *("peak-dependence", "customers"),
        lambda bad: {"returned_peak": came_back(0.6 - 0.6 * bad, 500)},
    ),
    "less in the bank": ("runway", "months", lambda bad: {"cash_balance": burning(10_000, 200_000 * (1 - bad))}),
    "more burned": ("runway", "months", lambda bad: {"cash_balance": burning(30_000 * bad - 3_000, 100_000)}),
    "more burned of late": (
        *("runway", "months"),
        lambda bad: {"cash_balance": burning(lately(3, 60_000 * bad, 5_000), 100_000)},
    ),
    "more burned, unsure": (
        *("runway", "months"),
        lambda bad: {"cash_balance": burning(30_000 * bad, 100_000), "financing": None},
    ),
    "more burned for the same profit": (
        *("burn-multiple", "multiple"),
        lambda bad: {"cash_balance": burning(50_000 * bad - 5_000, 0), "gross_profit": lately(12, 50_000, 40_000)},
    ),
    "less profit for the same burn": (
        *("burn-multiple", "multiple"),
        lambda bad: {"cash_balance": burning(15_000, 0), "gross_profit": lately(12, 60_000 - 25_000 * bad, 40_000)},
    ),
    "more burned for the same sales": (
        *("burn-share", "share"),
        lambda bad: {"cash_balance": burning(80_000 * bad - 10_000, 0)},
    ),
    "less sold for the same burn": (
        *("burn-share", "share"),
        lambda bad: {"cash_balance": burning(20_000, 0), "revenue": 120_000 - 100_000 * bad},
    ),
    "more marketing": ("marketing-share", "share", lambda bad: {"marketing": 50_000 * bad}),
    "dearer customers": (
        "acquisition-cost",
        "change",
        lambda bad: {"marketing": lately(3, 8_000 + 12_000 * bad, 10_000)},
    ),
    "fewer new customers": (
        "acquisition-cost",
        "change",
        lambda bad: {"new_customers": lately(3, 450 - 250 * bad, 400)},
    ),
    "fewer of few new customers": (
        "acquisition-cost",
        "change",
        lambda bad: {"new_customers": lately(3, 40 - 30 * bad, 40)},
    ),
    "poorer customers": ("acquisition-cost", "payback", lambda bad: {"spent": lambda age: 70 * (1 - bad)}),
    "more stock": ("inventory", "growth", lambda bad: {"inventory": lately(12, 90_000 + 90_000 * bad, 100_000)}),
    "more stock of late": ("inventory", "growth", lambda bad: {"inventory": lately(1, 90_000 + 90_000 * bad, 100_000)}),
    "less stock": ("inventory", "shortage", lambda bad: {"inventory": lately(12, 100_000 * (1 - bad), 100_000)}),
    "more days of stock": ("inventory", "days", lambda bad: {"inventory": 50_000 + 400_000 * bad}),
    "less sold than planned": (
        *("plan", "attainment"),
        lambda bad: {"plan": {2026: 1_200_000}, "revenue": lately(10, 110_000 * (1 - bad), 100_000)},
    ),
    "a bolder plan": (
        *("plan", "realism"),
        lambda bad: {"plan": {2026: 1_000_000 * (1 + bad)}, "revenue": lately(12, 110_000, 100_000)},
    ),
}
FIRST_PARTS = {(check.id, check.parts[0].id) for check in CHECKS}


@pytest.mark.parametrize("name", WORSE)
@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=3).map(sorted))
def test_making_a_figure_worse_never_improves_its_status(name: str, amounts: list[float]) -> None:
    check, figure, lever = WORSE[name]
    parts = [part for amount in amounts for part in judge(check, **lever(amount)).parts if part.id == figure]
    severities = [part.status.severity for part in parts]
    assert severities == sorted(severities), [(part.value, part.status, part.reason) for part in parts]


@pytest.mark.parametrize("name", WORSE)
def test_each_lever_reaches_from_ok_to_the_worst_the_figure_can_be(name: str) -> None:
    check, figure, lever = WORSE[name]
    mild, bad = (
        next(part for part in judge(check, **lever(amount)).parts if part.id == figure) for amount in (0.0, 1.0)
    )
    assert mild.status.severity == 0
    assert bad.status.severity >= 1


def test_every_figure_of_every_check_has_a_lever() -> None:
    assert {(check.id, part.id) for check in CHECKS for part in check.parts} == {
        (check, figure) for check, figure, _ in WORSE.values()
    }


# --- any facts at all ----------------------------------------------------------------------------------------

MONTHS = [0, 1, 2, 3, 5, 6, 7, 11, 12, 13, 14, 15, 23, 24, 25, 27, 36, 40]
COUNTS = [0, 1, 2, 5, 29, 30, 100, 1000]
MONEY = [0, 0.0001, 1, 99.99, 5_000, 100_000, 10_000_000]


def figures(amounts: list[float], *, missing: bool = True) -> st.SearchStrategy[Any]:
    """A constant, a step at some month, or a wild course; where it may be missing, in some months or in all."""
    one = st.sampled_from([*amounts, *([None] if missing else [])])
    step = st.builds(lately, st.sampled_from([1, 3, 6, 12, 24]), one, one)
    wild = st.lists(one, min_size=5, max_size=5).map(lambda course: lambda month: course[month % 5])
    return st.one_of(one, step, wild)


counts = figures([float(count) for count in COUNTS])
whole = figures([float(count) for count in COUNTS], missing=False)
sums = figures(MONEY)
signed = figures([*MONEY, -1.0, -50_000.0])
shares = figures([0.0, 0.2, 0.45, 1.0], missing=False)
tables = st.sampled_from(
    [(), came_back(0), came_back(1), came_back(0.4), came_back(0.1, 60, 90), [(0, 30, 30), (90, 0, 0)], [(400, 9, 9)]]
)
finances = st.builds(
    Finance,
    cash_balance=st.sampled_from([None, 0, money(-5), money(1e6)]),
    cash_balance_on=st.sampled_from([None, date(2026, 10, 31), date(2020, 1, 1)]),
    gross_margin=st.sampled_from([None, 0.0, 0.4, 1.0]),
    monthly_overhead=st.sampled_from([None, 0, money(9_000)]),
    monthly_marketing=st.sampled_from([None, 0, money(9_000)]),
    sales_tax_rate=st.sampled_from([None, 0.0, 0.2]),
)

ANYTHING = st.fixed_dictionaries(
    {},
    optional={
        "months": st.sampled_from(MONTHS),
        "as_of": st.sampled_from([last_day(OCTOBER), date(2026, 11, 1), date(2026, 12, 30)]),
        "orders": whole,
        "revenue": figures(MONEY, missing=False),
        "refunds": figures(MONEY, missing=False),
        "repeat": shares,
        "cluster": st.sampled_from([1, 3, 1000]),
        "buyers": counts,
        "kept": figures([-0.5, 0.0, 0.4, 2.0], missing=False),
        "largest_order": figures(MONEY, missing=False),
        "returned": tables,
        "returned_peak": tables,
        "returned_other": tables,
        "spent": st.sampled_from([lambda age: 0, lambda age: -5, lambda age: 9 * age]),
        "has_customers": st.booleans(),
        "team_source": st.sampled_from(["sheet", "roster", "survivors"]),
        "from_cash": st.sampled_from([(), ("payroll", "locations")]),
        "opened": st.sampled_from([date(2019, 1, 1), date(2026, 8, 1), date(2026, 10, 1), date(2023, 11, 1)]),
        "category": st.sampled_from(["consumables", "fashion", "durables"]),
        "closed": st.sampled_from([(), (-1, -5), range(-36, 1)]),
        "finance": finances,
        "plan": st.dictionaries(st.sampled_from([2025, 2026, 2027]), st.sampled_from(MONEY)),
        "plan_months": st.dictionaries(st.integers(-12, 2), st.sampled_from(MONEY)),
        **dict.fromkeys(["headcount", "hires", "leavers", "newcomers", "training_hours", "locations"], counts),
        **dict.fromkeys(["payroll", "bonus", "training_spend", "marketing", "inventory", "cogs"], sums),
        **dict.fromkeys(["cash_balance", "financing", "gross_profit", "company_revenue"], signed),
    },
).filter(lambda drawn: "orders" not in drawn or _sells(shop(**drawn)))


def _sells(facts: Facts) -> bool:
    """There is an order in the file: without one there are no facts at all."""
    return any(row.orders for row in facts.months)


def measured(check: Check, facts: Facts) -> Measurement | None:
    """The check's measurement; None where it can't tell, in words."""
    try:
        return check.measure(facts, check.lines(facts.shop.category))
    except CannotTell:
        return None


@settings(max_examples=200, deadline=None)
@given(ANYTHING)
def test_a_check_raises_nothing_but_cannot_tell(overrides: dict[str, Any]) -> None:
    facts = shop(**overrides)
    for check in CHECKS:
        found = measured(check, facts)
        if found is None:
            continue
        assert set(re.findall(r"\{(\w+)\}", found.summary)) <= set(found.evidence), (check.id, found.summary)
        assert all(math.isfinite(quantity.value) for quantity in found.evidence.values()), check.id
        for part in found.parts:
            assert part.value is None or math.isfinite(part.value), (check.id, part)
            assert part.value is not None or part.missing or part.forced, (check.id, part)
            assert part.low is None or part.high is None or part.low <= part.high, (check.id, part)
        specified = [spec.id for spec in check.parts]
        assert [part.id for part in found.parts] == [name for name in specified if name in {p.id for p in found.parts}]


@settings(max_examples=60, deadline=None)
@given(ANYTHING, st.integers(0, 14))
def test_nor_at_any_earlier_month_end(overrides: dict[str, Any], back: int) -> None:
    facts = shop(**overrides).until(OCTOBER - back)
    for check in CHECKS:
        measured(check, facts)


EXTREMES: dict[str, dict[str, Any]] = {
    "zero staff": {"headcount": 0},
    "no orders with customers": {"orders_without_customer": 1000},
    "zero revenue": {"revenue": 0},
    "all refunded": {"refunds": 100_000},
    "refunds only of late": {"refunds": lately(12, 100_000, 0)},
    "more refunded than sold": {"refunds": lately(15, 130_000, 0)},
    "one month": {"months": 1},
    "no complete month": {"months": 0},
    "no money at all": {"cash_balance": 0, "marketing": 0, "inventory": 0, "cogs": 0, "payroll": 0},
    "nothing but orders": {"headcount": None, "cash_balance": None},
    "one order a month": {"orders": 1},
    "one giant order": {"orders": lambda month: 1000, "largest_order": lambda month: 90_000},
    "a day of giant sales": {"sales": lambda day: 1e9 if day == date(2026, 5, 5) else 1e-4},
    "an empty finance block": {"cash_balance": None, "finance": Finance()},
}


@pytest.mark.parametrize("name", EXTREMES)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_extreme_shops_are_judged_or_told_why_not(check: Check, name: str) -> None:
    overrides = EXTREMES[name] | {"plan": {2026: 1_200_000}}
    finding = judge(check.id, **overrides)
    assert "please report it" not in finding.reason
    assert finding.status.judged or finding.reason


# --- summaries -----------------------------------------------------------------------------------------------

BRANCHES: dict[
    str, tuple[str, dict[str, Any], str]
] = {  # each wording a summary can have: check, overrides, a piece of it
    "growth-pace, a year": ("growth-pace", {}, "a year earlier"),
    "growth-pace, three months": ("growth-pace", {"months": 14}, "three months earlier"),
    "over-hiring, a year": ("over-hiring", {}, "in a year"),
    "over-hiring, three months": ("over-hiring", {"months": 14}, "in three months"),
    "over-hiring, two years": ("over-hiring", {"headcount": lately(24, 20, 10)}, "over two years"),
    "newcomers": ("newcomers", {}, "{new} of {team}"),
    "newcomers, at least": ("newcomers", {"hires": None}, "At least {new}"),
    "turnover": ("turnover", {}, "{leavers} left"),
    "team-investment": ("team-investment", {}, "pay per person"),
    "team-investment, training": ("team-investment", {"payroll": None, "training_hours": 0}, "is unknown"),
    "locations, more": ("locations", {"locations": lately(12, 9, 8)}, "From {sites_before} to {sites}"),
    "locations, no more": ("locations", {}, "no more than a year earlier"),
    "repeat-share": ("repeat-share", {}, "{repeat_orders} of {orders}"),
    "repeat-share, at least": ("repeat-share", {"months": 15}, "At least {repeat_orders}"),
    "second-order": ("second-order", {}, "{probability} of new customers"),
    "retained-revenue": ("retained-revenue", {}, "and for {kept}"),
    "active-customers": ("active-customers", {}, "{buyers} bought"),
    "peak-dependence": ("peak-dependence", {}, "{season} of the year's sales"),
    "runway, burning": ("runway", {"cash_balance": burning(1, 9)}, "{burn} a month more went out"),
    "runway, not burning": ("runway", {}, "at least as much came in as went out"),
    "burn-multiple, not burning": ("burn-multiple", {}, "No cash was lost"),
    "burn-multiple, flat": ("burn-multiple", {"cash_balance": burning(1, 9)}, "while gross profit stayed"),
    "burn-multiple, falling": (
        *("burn-multiple",),
        {"cash_balance": burning(1, 9), "gross_profit": lately(12, 1, 2)},
        "while gross profit fell",
    ),
    "burn-multiple": (
        "burn-multiple",
        {"cash_balance": burning(1, 9), "gross_profit": lately(12, 2, 1)},
        "gross profit rose by {gain}",
    ),
    "burn-share, burning": ("burn-share", {"cash_balance": burning(1, 9)}, "on sales of {revenue}"),
    "burn-share, not burning": ("burn-share", {}, "No cash was lost"),
    "marketing-share": ("marketing-share", {}, "{marketing} of marketing"),
    "acquisition-cost, a year": ("acquisition-cost", {}, "a year earlier"),
    "acquisition-cost, three months": ("acquisition-cost", {"months": 14}, "three months earlier"),
    "inventory": ("inventory", {"cogs": None}, "sales {sales_growth}."),
    "inventory, days": ("inventory", {}, "the stock lasts {days}"),
    "inventory, days alone": ("inventory", {"months": 14}, "Stock lasts {days}"),
    "plan": ("plan", {"plan": {2026: 9}}, "the plan was {planned}"),
}


@pytest.mark.parametrize("name", BRANCHES)
def test_every_name_in_a_summary_stands_in_the_evidence(name: str) -> None:
    check, overrides, piece = BRANCHES[name]
    found = measured(BY_ID[check], shop(**overrides))
    assert found is not None
    assert piece in found.summary
    assert set(re.findall(r"\{(\w+)\}", found.summary)) <= set(found.evidence)
    assert found.summary.endswith(".")
    assert not re.search(r"\{\W|\{\}|\d\}", found.summary)


def test_every_check_has_a_summary_among_them() -> None:
    assert {check for check, _, _ in BRANCHES.values()} == set(BY_ID)
