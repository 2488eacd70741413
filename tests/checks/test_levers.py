"""What would turn a check does turn it, and the next smaller change does not: for every lever, on generated shops.

Here each lever is a change of the facts, written down without a look at the check's formula.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from merchant_check.checks import CHECKS
from merchant_check.checks.check import ONE_PERSON, UNSURE, WITHIN_CHANCE, Lever, rounding_step, run_without_series
from merchant_check.facts import MINOR, Facts, Finance, Month
from merchant_check.report import Finding, GradedPart, Status, Step, Threshold

from .shops import BY_ID, OCTOBER, OK, among, burning, came_back, judge, judge_facts, lately, money, near, part, shop

Q, Y = range(OCTOBER - 2, OCTOBER + 1), range(OCTOBER - 11, OCTOBER + 1)
LAST = range(OCTOBER, OCTOBER + 1)
Key = tuple[str, str, str]
Draw = Callable[..., Any]


def key(check: str, lever: Lever) -> Key:
    return check, lever.part, lever.id


LEVERS: dict[Key, Lever] = {key(check.id, lever): lever for check in CHECKS for lever in check.levers}


# --- how each lever changes the facts --------------------------------------------------------------------------


def changed(facts: Facts, months: Iterable[int], **more: float | Callable[[Month], float]) -> Facts:
    """The facts with so much more of some monthly figures in each of the months."""
    chosen = set(months)

    def row(month: Month) -> Month:
        amounts = {name: each(month) if callable(each) else each for name, each in more.items()}
        return replace(month, **{name: getattr(month, name) + amount for name, amount in amounts.items()})

    return replace(facts, months=tuple(row(each) if each.month in chosen else each for each in facts.months))


def of_year(facts: Facts, **more: float) -> Facts:
    """The facts with so much more in the latest year's row."""
    years = [
        replace(row, **{name: getattr(row, name) + amount for name, amount in more.items()})
        if row.to == OCTOBER
        else row
        for row in facts.years
    ]
    return replace(facts, years=tuple(years))


def repeat_orders(facts: Facts, monthly: float) -> Facts:
    def row(window: Any) -> Any:
        more = monthly * window.months
        return replace(
            window,
            orders_with_customer=window.orders_with_customer + more,
            repeat_orders=window.repeat_orders + more,
            **{name: getattr(window, name) + more for name in ("sum_rr", "sum_rn", "sum_nn")},
        )

    windows = tuple(row(each) if each.to == OCTOBER else each for each in facts.repeat_windows)
    return replace(facts, repeat_windows=windows)


def second_orders(facts: Facts, group: str, more: float) -> Facts:
    """More customers who come back on the first day on which any do."""
    rows = [
        replace(row, events=cast(int, row.events + more))
        if (row.group, row.gap, row.to) == (group, 30, OCTOBER)
        else row
        for row in facts.second_order
    ]
    return replace(facts, second_order=tuple(rows))


def new_a_month(facts: Facts) -> float:
    followed = [row.new_customers for row in facts.months if OCTOBER - 24 < row.month <= OCTOBER]
    return sum(followed) / len(followed)


def of_hundred(facts: Facts, more: float) -> Facts:
    """So many more of each month's new customers: as a share of the table's 10,000."""
    return second_orders(facts, "all", more / new_a_month(facts) * 10_000)


def off_peak(length: int) -> Callable[[Facts, float], Facts]:
    """More sales on each day of the year outside the best run, by as much as that day's level is higher."""

    def apply(facts: Facts, monthly: float) -> Facts:
        sales = [
            sum(facts.month(month).net_revenue for month in months) for months in (Q, range(Q[0] - 12, Q[-1] - 11))
        ]
        growth = sales[0] / sales[1]
        days = facts.days[-365:]
        level = [growth ** (index / 365) for index in range(365)]
        levelled = [day.net_revenue / each for day, each in zip(days, level, strict=True)]
        starts = range(365 - length + 1)
        best = max(starts, key=lambda start: sum(levelled[start : start + length]))
        outside = [index for index in range(365) if not best <= index < best + length]
        each = monthly * (365 - length) / 365 * 12 / sum(level[index] for index in outside)
        richer = [
            replace(day, net_revenue=day.net_revenue + each * level[index]) if index in set(outside) else day
            for index, day in enumerate(days)
        ]
        return replace(facts, days=(*facts.days[:-365], *richer))

    return apply


def plan_of_2026(facts: Facts, more: float) -> Facts:
    years = {**facts.shop.plan_years, 2026: cast(int, facts.shop.plan_years[2026] + more)}
    return replace(facts, shop=replace(facts.shop, plan_years=years))


def less_marketing(facts: Facts, monthly: float) -> Facts:
    return changed(facts, Q, marketing=-monthly)


def less_burned(facts: Facts, monthly: float) -> Facts:
    return changed(facts, Y, net_burn=-monthly)


APPLY: dict[Key, Callable[[Facts, float], Facts]] = {
    ("growth-pace", "pace", "people"): lambda facts, more: changed(facts, Q, headcount=more),
    ("growth-pace", "pace", "orders"): lambda facts, less: changed(facts, Q, orders=-less),
    ("over-hiring", "per-head", "net-revenue"): lambda facts, more: changed(facts, Q, revenue=more),
    ("over-hiring", "per-head", "people"): lambda facts, less: changed(facts, Q, headcount=-less),
    ("newcomers", "share", "newcomers"): lambda facts, less: changed(facts, LAST, newcomers=-less),
    ("turnover", "share", "leavers"): lambda facts, less: changed(facts, LAST, leavers=-less),
    ("team-investment", "sharing", "pay"): lambda facts, more: changed(
        facts, Y, payroll=lambda month: more * (month.headcount or 0)
    ),
    ("team-investment", "training", "training"): lambda facts, more: changed(facts, LAST, training_hours=more),
    ("locations", "pace", "locations"): lambda facts, less: changed(facts, LAST, locations=-less),
    ("locations", "pace", "people"): lambda facts, more: changed(facts, LAST, headcount=more),
    ("repeat-share", "share", "repeat-orders"): repeat_orders,
    ("repeat-share", "change", "repeat-orders"): repeat_orders,
    ("second-order", "probability", "second-orders"): of_hundred,
    ("retained-revenue", "share", "retained-revenue"): lambda facts, more: of_year(facts, retained_revenue=12 * more),
    ("active-customers", "buyers", "buyers"): lambda facts, more: of_year(facts, buyers=more),
    ("active-customers", "orders-per-buyer", "orders"): lambda facts, more: of_year(
        facts, orders_with_customer=12 * more
    ),
    ("active-customers", "new-customers", "new-customers"): lambda facts, more: changed(facts, Q, new_customers=more),
    ("peak-dependence", "season", "off-peak-revenue"): off_peak(60),
    ("peak-dependence", "day", "off-peak-revenue"): off_peak(1),
    ("peak-dependence", "customers", "second-orders"): lambda facts, more: second_orders(facts, "peak", more),
    ("runway", "months", "burn"): less_burned,
    ("burn-multiple", "multiple", "burn"): less_burned,
    ("burn-share", "share", "burn"): less_burned,
    ("marketing-share", "share", "marketing"): lambda facts, less: changed(facts, Y, marketing=-less),
    ("acquisition-cost", "change", "marketing"): less_marketing,
    ("acquisition-cost", "payback", "marketing"): less_marketing,
    ("inventory", "growth", "stock"): lambda facts, less: changed(facts, Q, inventory=-less),
    ("inventory", "shortage", "stock"): lambda facts, more: changed(facts, Q, inventory=more),
    ("inventory", "days", "stock"): lambda facts, less: changed(facts, Y, inventory=-less),
    ("plan", "attainment", "plan"): lambda facts, less: changed(facts, LAST, planned_revenue=-less),
    ("plan", "realism", "plan"): lambda facts, less: plan_of_2026(facts, -less),
}


# --- shops in trouble ------------------------------------------------------------------------------------------

MANY = 20_000  # orders a month: intervals are narrow, so that the point value alone decides


def _season(peak: float, day: float) -> Callable[[date], float]:
    """A strong February and March and a strong fifth of May, on sales that grow."""

    def sales(when: date) -> float:
        usual = 900 * 1.1 ** (when.year - 2024)
        best = day if (when.month, when.day) == (5, 5) else 1
        return usual * best * (peak if when.month in (2, 3) else 1) * (1 + when.day / 50)

    return sales


def _slow(draw: Draw, low: float, high: float) -> float:
    return float(draw(st.floats(low, high)))


def _people(draw: Draw, low: int, high: int) -> int:
    return int(draw(st.integers(low, high)))


def _three_years(now: float, year_before: float, two_before: float) -> Callable[[int], float]:
    return lambda month: now if month > -3 else year_before if month > -15 else two_before


def _burning(draw: Draw) -> dict[str, Any]:
    late, early = _slow(draw, 5_000, 90_000), _slow(draw, 1_000, 90_000)
    return {
        "cash_balance": burning(lately(4, late, early), _slow(draw, 0, 900_000)),
        "orders": lately(12, _people(draw, 800, 1600), 1000),
        "gross_profit": lately(12, _slow(draw, 30_000, 70_000), 40_000),
    }


def _acquiring(draw: Draw) -> dict[str, Any]:
    first, later = _slow(draw, 5, 60), _slow(draw, 0, 12)
    return {
        "orders": lately(3, _people(draw, 15_000, 30_000), MANY),
        "marketing": lately(3, _slow(draw, 150_000, 900_000), 100_000),
        "cogs": 900_000,
        "spent": lambda age: first if age == 0 else later,
    }


TROUBLE: dict[str, Callable[[Draw], dict[str, Any]]] = {
    "growth-pace": lambda draw: {
        "orders": lately(3, MANY * _slow(draw, 1, 2.4), MANY),
        "headcount": lately(3, _people(draw, 5, 60), _people(draw, 5, 40)),
    },
    "over-hiring": lambda draw: {
        "orders": _three_years(MANY * _slow(draw, 0.8, 1.5), MANY * _slow(draw, 0.8, 1.2), MANY),
        "headcount": _three_years(_people(draw, 10, 60), _people(draw, 8, 40), _people(draw, 8, 20)),
    },
    "newcomers": lambda draw: {"headcount": _people(draw, 5, 90), "hires": lately(6, _people(draw, 1, 15), 0)},
    "turnover": lambda draw: {"headcount": _people(draw, 5, 90), "leavers": lately(12, _people(draw, 0, 9), 0)},
    "team-investment": lambda draw: {
        "payroll": lately(12, 20_000 * _slow(draw, 0.9, 1.2), 20_000),
        "orders": lately(12, MANY * _slow(draw, 1, 2), MANY),
        "headcount": _people(draw, 6, 60),
        "hires": lately(6, 2, 0),
        "training_hours": 0,
    },
    "locations": lambda draw: {
        "locations": lately(12, _people(draw, 6, 40), _people(draw, 5, 20)),
        "headcount": lately(12, _people(draw, 5, 40), _people(draw, 5, 40)),
    },
    "repeat-share": lambda draw: {
        "orders": MANY,
        "repeat": lately(12, _slow(draw, 0.1, 0.6), _slow(draw, 0.2, 0.8)),
    },
    "second-order": lambda draw: {"orders": MANY, "returned": came_back(_slow(draw, 0.02, 0.4), 10_000)},
    "retained-revenue": lambda draw: {"orders": MANY, "kept": _slow(draw, 0.05, 0.7)},
    "active-customers": lambda draw: {
        "orders": lately(12, MANY * _people(draw, 6, 12) / 10, MANY),
        "buyers": lately(12, _people(draw, 70_000, 120_000), 100_000),
    },
    "peak-dependence": lambda draw: {
        "sales": _season(_slow(draw, 1.5, 5), _slow(draw, 1, 60)),
        "returned_peak": came_back(_slow(draw, 0.05, 0.4), _people(draw, 60, 900)),
    },
    "runway": _burning,
    "burn-multiple": _burning,
    "burn-share": _burning,
    "marketing-share": lambda draw: {"marketing": _slow(draw, 15_000, 90_000)},
    "acquisition-cost": _acquiring,
    "inventory": lambda draw: {
        "inventory": lately(9, 100_000 * _slow(draw, 0.5, 4), 100_000 * _slow(draw, 0.5, 4)),
        "orders": lately(12, _people(draw, 800, 1500), 1000),
    },
    "plan": lambda draw: {
        "orders": lately(22, _people(draw, 900, 1300), 900),
        "plan": {2026: 1_000_000 * _slow(draw, 1, 3)},
    },
}


def judged(check: str, facts: Facts) -> Finding:
    (finding,) = run_without_series([BY_ID[check]], facts, {})
    return finding


def in_trouble(of: Key, facts: Facts) -> tuple[GradedPart, Step] | None:
    """The lever's part and its step, where that part is not ok."""
    finding = judged(of[0], facts)
    for step in finding.to_ok:
        if (step.part, step.lever) == of[1:]:
            return part(finding, step.part), step
    return None


def turned(of: Key, facts: Facts, amount: float) -> bool:
    return part(judged(of[0], APPLY[of](facts, amount)), of[1]).status is OK


def turned_for_sure(of: Key, facts: Facts, amount: float) -> bool:
    """Not only so far that chance or one person may explain the rest: a step goes all the way to the line."""
    after = part(judged(of[0], APPLY[of](facts, amount)), of[1])
    return after.status is OK and after.reason not in {WITHIN_CHANCE, UNSURE, ONE_PERSON}


def smaller(step: Step) -> float:
    """The amount before it, in the steps that amounts come in."""
    assert step.amount
    size = MINOR if step.amount.unit == "money" else 1
    units = round(step.amount.value / size)
    return (units - rounding_step(units)) * size


@pytest.mark.parametrize("of", LEVERS, ids="/".join)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(draw=st.data())
def test_the_step_turns_its_part_and_no_smaller_one_does(of: Key, draw: Any) -> None:
    facts = shop(**TROUBLE[of[0]](draw.draw))
    found = in_trouble(of, facts)
    assume(found is not None and found[1].amount is not None)
    assert found is not None
    _, step = found
    assert step.amount
    assert turned(of, facts, step.amount.value), "the step does not turn it"
    whole = MINOR if step.amount.unit == "money" else 1
    if step.amount.value >= 2 * whole:
        assert not turned_for_sure(of, facts, step.amount.value / 2), "half of it turns it, too"
    if smaller(step) > 0:
        assert not turned_for_sure(of, facts, smaller(step)), "a smaller one turns it, too"


def test_every_lever_is_put_to_the_test() -> None:
    assert set(APPLY) == set(LEVERS)
    assert set(TROUBLE) == set(BY_ID)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_figure_has_a_lever(check: Any) -> None:
    assert {lever.part for lever in check.levers} == {spec.id for spec in check.parts}


# --- amounts ---------------------------------------------------------------------------------------------------


def amount(finding: Finding, lever: str) -> float | None:
    step = next(step for step in finding.to_ok if step.lever == lever)
    if step.amount is None:
        return None
    return step.amount.value / MINOR if step.amount.unit == "money" else step.amount.value


def test_what_is_ok_needs_nothing() -> None:
    for check in CHECKS:
        finding = judge(check.id)
        assert finding.to_ok == () or finding.status is not OK, check.id


def test_people_and_orders_by_hand() -> None:
    # 1,500 orders by 10 people, 1,000 by 10 a year ago: 150 a head, 125 would do: 12 people, or 1,250 orders
    finding = judge("growth-pace", orders=lately(3, 1500, 1000))
    assert amount(finding, "people") == 2
    assert amount(finding, "orders") == 250


def test_exactly_at_the_line_is_enough() -> None:
    # 4 of 10 are new; 2.5 would be at the line, so 2 must go: with 8 of 20, exactly 5 may be new
    assert amount(judge("newcomers", hires=lately(4, 1, 0)), "newcomers") == 2
    assert amount(judge("newcomers", headcount=20, hires=lately(4, 2, 0)), "newcomers") == 3


def test_money_is_rounded_up_to_what_people_say() -> None:
    # 30,100 of marketing on 100,000 of sales a month: 10,100 less brings 20%, and is said as 10,500
    assert amount(judge("marketing-share", marketing=30_100), "marketing") == 10_500


def test_rounding_up_asks_for_no_more_than_there_is() -> None:
    # the till is empty, so all of the burn must go: 10,030 a month, not 10,500
    finding = judge("runway", cash_balance=burning(10_030, 0))
    assert amount(finding, "burn") == 10_030


def test_burning_hardly_anything_is_enough() -> None:
    # gross profit does not grow; of 100,000 of sales a month, 2% may be burned
    assert amount(judge("burn-multiple", cash_balance=burning(10_000, 500_000)), "burn") == 8_000


def test_more_than_double_is_no_step() -> None:
    finding = judge("repeat-share", repeat=0.1)
    assert amount(finding, "repeat-orders") is None
    assert finding.to_ok[0].text == "even twice the repeat orders would not be enough"


def test_a_line_that_nothing_reaches_is_no_step() -> None:
    finding = judge("repeat-share", {"share": Threshold(1.0, 0.3, "higher")})
    assert amount(finding, "repeat-orders") is None


def test_the_step_goes_by_the_lines_in_force() -> None:
    finding = judge("marketing-share", {"share": Threshold(0.25, 0.9, "lower")}, marketing=30_000)
    assert amount(finding, "marketing") == 5_000


@pytest.mark.parametrize("heads", [(64, 48, 32), (64, 36, 32)])
def test_of_two_spans_both_are_turned(heads: tuple[int, int, int]) -> None:
    # at the same sales, over one year and over two: in turn the one and the other asks for more
    facts = shop(orders=MANY, headcount=_three_years(*heads))
    for lever, field, sign in (("net-revenue", "revenue", 1), ("people", "headcount", -1)):
        step = next(step for step in judged("over-hiring", facts).to_ok if step.lever == lever)
        assert step.amount
        assert judged("over-hiring", changed(facts, Q, **{field: sign * step.amount.value})).status is OK
        assert judged("over-hiring", changed(facts, Q, **{field: sign * smaller(step)})).status is not OK


def test_an_estimated_burn_has_its_step_too() -> None:
    finance = Finance(money(100_000), date(2026, 10, 31), 0.4, money(30_000), money(10_000))
    finding = judge("runway", cash_balance=None, finance=finance)
    less = amount(finding, "burn")
    assert less is not None
    saved = replace(finance, monthly_overhead=money(30_000 - less))
    assert judge("runway", cash_balance=None, finance=saved).status is OK


# --- the next line ---------------------------------------------------------------------------------------------


def test_a_steady_course_meets_the_next_line_when_it_would() -> None:
    # runway falls with the balance by one month a month: at 15 months, the warning line of 12 is 3 months away
    finding = judge("runway", cash_balance=burning(10_000, 150_000))
    assert finding.months_to_next_line == near(3, abs=0.01)


def test_beyond_the_warning_line_the_critical_one_is_next() -> None:
    finding = judge("runway", cash_balance=burning(10_000, 90_000))
    assert finding.status is Status.WARNING
    assert finding.months_to_next_line == near(3, abs=0.01)


@pytest.mark.parametrize(
    ("check", "overrides"),
    [
        ("runway", {"cash_balance": burning(10_000, 30_000)}),  # critical: there is no next line
        ("runway", {"cash_balance": burning(10_000, 300_000)}),  # 18 months away
        ("runway", {"cash_balance": burning(10_000, 150_000), "months": 8}),  # fewer than 6 month-ends
        ("runway", {"cash_balance": burning(10_000, 90_000), "financing": None}),  # weak evidence is never critical
        ("newcomers", {}),  # no trend
        ("growth-pace", {"orders": lambda month: 100 + 2 * max(month + 5, 0)}),  # a rise within chance: 8 ± 17%
        ("locations", {"headcount": lambda month: 40 + month}),  # they did not grow, so no line counts
    ],
)
def test_no_line_is_foretold(check: str, overrides: dict[str, Any]) -> None:
    assert judge(check, **overrides).months_to_next_line is None


def test_one_odd_month_does_not_make_a_trend() -> None:
    calm = judge("newcomers", headcount=100, hires=among([0], 20, 0))
    assert calm.months_to_next_line is None


def test_without_the_series_the_steps_are_the_same() -> None:
    facts = shop(orders=lately(3, 1500, 1000))
    assert judged("growth-pace", facts).to_ok == judge_facts("growth-pace", facts).to_ok
