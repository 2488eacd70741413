"""Room to grow: what binds on shops worked out by hand, what is unknown, and that no smaller step turns anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from merchant_check.checks import CHECKS
from merchant_check.checks.check import Settings, run, run_without_series
from merchant_check.facts import MINOR, Facts, Finance, Span, last_day
from merchant_check.projection import MONTHS_AHEAD, Projection, Step
from merchant_check.render import outlook
from merchant_check.report import Finding, Headroom, Status
from merchant_check.room import room_to_grow

from .checks.shops import OCTOBER, among, burning, lately, money, near, shop
from .checks.test_properties import ANYTHING

HEALTHY: Mapping[str, Any] = {
    "headcount": 20,
    "payroll": 40_000,
    "locations": 10,
    "cash_balance": burning(-30_000, 1_500_000),  # it earns 30,000 a month
}
JANUARY = OCTOBER + MONTHS_AHEAD


def room(settings: Mapping[str, Settings] | None = None, /, **overrides: Any) -> dict[str, Headroom]:
    facts = shop(**{**HEALTHY, **overrides})
    given = settings or {}
    return {found.lever: found for found in room_to_grow(facts, given, run(CHECKS, facts, given))}


def whole(found: Headroom) -> float | None:
    if found.value is None:
        return None
    return found.value.value / (MINOR if found.value.unit == "money" else 1)


# --- what binds, by hand ---------------------------------------------------------------------------------------


def test_hires_are_bound_by_what_each_brings_in() -> None:
    # 20 people, sales as ever: 22 have hardly grown (10%), 23 bring in 13% less each
    found = room()["hires"]
    assert (whole(found), found.bound_by) == (2, "over-hiring")


def test_hires_are_bound_by_newcomers() -> None:
    # sales have doubled; none joined of late: 6 of 26 are new (23%), 7 of 27 too many (26%)
    found = room(orders=lately(12, 2000, 1000))["hires"]
    assert (whole(found), found.bound_by) == (6, "newcomers")


def test_hires_are_bound_by_cash() -> None:
    # 20 people at 2,000, sales doubled; nothing is burned. x more burn 2,000 x a month, and 48,000 less 6,000 x are
    # left after three: 12 months' worth up to x = 48 / 30
    profit = lately(15, 70_000, 60_000)
    found = room(orders=lately(12, 2000, 1000), gross_profit=profit, cash_balance=48_000)["hires"]
    assert (whole(found), found.bound_by) == (1, "runway")


def test_marketing_is_bound_by_customers_who_order_once() -> None:
    # 10,000 win 400 customers a month. 12,000 orders of 6,000 buyers a year; w more of each are 3% less a buyer at
    # 12,000 + w = 1.94 x (6,000 + w): w = 383 in three months, for 3,191 a month
    found = room()["marketing"]
    assert (whole(found), found.bound_by) == (3_150, "active-customers")  # in steps of 50


def test_as_much_again_as_today_is_tried_at_most() -> None:
    found = room(repeat=0.95, spent=lambda age: 900)["marketing"]  # few are won, and soon paid for
    assert (whole(found), found.bound_by) == (10_000, None)
    assert outlook.room(found, "EUR") == "up to 10,000 EUR more a month, as much again as today: no check turns"


def test_marketing_that_wins_few_is_bound_by_its_share() -> None:
    # 228,000 a year is 19% of the sales. 100 new customers cost 190 each and order for 100: x more a month are
    # 228,000 + 3 x on 1,200,000 + 3 x / 1.9, at most 20%: x = 12,000 / (3 - 0.3158)
    found = room(marketing=19_000, repeat=0.9, gross_profit=200_000, spent=lambda age: 900)["marketing"]
    assert found.bound_by == "marketing-share"
    assert whole(found) == 4_450  # 4,470 in steps of 50


def test_locations_are_bound_by_the_team() -> None:
    # 10 sites and 20 people a year ago, 24 people now: 12 sites are as many a head, and of so few, one more is spared
    found = room(headcount=lately(8, 24, 20), orders=lately(8, 1200, 1000))["locations"]
    assert (whole(found), found.bound_by) == (3, "locations")


def test_of_what_is_critical_already_there_is_no_more() -> None:
    found = room(marketing=40_000, gross_profit=100_000)["marketing"]
    assert found.already
    assert (whole(found), found.bound_by) == (0, "marketing-share")
    assert "beyond its critical line already" in outlook.room(found, "EUR")


def test_weak_evidence_makes_no_room() -> None:
    weak = {"cash_balance": burning(20_000, 60_000), "financing": None}  # three months; only a warning as it is weak
    found = room(**weak)["hires"]
    assert (whole(found), found.already) == (0, True)
    assert "Runway" in found.binding


def test_what_gets_better_does_not_bind() -> None:
    # orders a head have doubled: hiring mends that
    found = room(orders=lately(3, 2000, 1000))["hires"]
    assert "Growth pace" not in found.binding
    assert whole(found) == 6


def test_what_only_gets_surer_does_not_bind() -> None:
    # 4 people do what 8 did: a warning, as so small a team is weak evidence; 5 would be critical, though better.
    # Of 7 people 3 are newcomers; of 6 they are 2, and one fewer would be ok
    found = room(headcount=lately(9, 4, 8), payroll=8_000)["hires"]
    assert (whole(found), found.bound_by) == (2, "newcomers")


def test_the_first_one_may_turn_a_check() -> None:
    found = room(locations=20)["locations"]
    assert (whole(found), found.already) == (0, False)
    assert outlook.room(found, None) == "none: the first one would turn Locations"


def test_a_check_that_is_off_stops_nothing() -> None:
    off = {"over-hiring": Settings(enabled=False)}
    assert whole(room(off)["hires"]) == 6


def test_lines_in_force_count() -> None:
    check = next(check for check in CHECKS if check.id == "newcomers")
    strict = {"newcomers": Settings(lines={"share": replace(check.lines("general")["share"], warning=0.05)})}
    assert whole(room(strict, orders=lately(12, 2000, 1000))["hires"]) == 1


# --- unknown ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lever", "overrides", "reason"),
    [
        ("hires", {"cash_balance": None}, "no cash file"),
        ("marketing", {"cash_balance": None}, "no cash file"),
        ("hires", {"headcount": None}, "no headcount"),
        ("hires", {"payroll": None}, "no payroll given"),
        ("hires", {"months": 2}, "Runway is not judged"),
        ("marketing", {"marketing": None}, "no marketing given"),
        ("marketing", {"marketing": 0}, "no marketing was paid"),
        ("marketing", {"repeat": 0.995}, "fewer than 30 new customers"),
        ("marketing", {"has_customers": False}, "no customer column"),
        ("locations", {"locations": None}, "no locations given"),
        ("locations", {"headcount": None, "locations": None}, "no staffing file"),
        ("hires", {"spans": {"cash": Span(OCTOBER - 35, OCTOBER - 5)}}, "ends in May 2026"),
        ("hires", {"orders": among([-2], 0, 1000), "company_revenue": 100_000}, "no orders in August 2026"),
    ],
)
def test_what_is_missing_is_said(lever: str, overrides: dict[str, Any], reason: str) -> None:
    found = room(**overrides)[lever]
    assert found.value is None
    assert reason in found.reason
    assert "please report" not in found.reason


def test_a_check_that_is_needed_must_be_on() -> None:
    found = room({"runway": Settings(enabled=False, reason="left out by --only")})
    assert found["hires"].reason == "Runway is not judged: left out by --only"
    assert found["locations"].value is not None


def test_levers_that_miss_the_same_are_told_together() -> None:
    said = outlook.rooms(tuple(room(cash_balance=None, headcount=None, locations=None).values()), None)
    assert [levers for levers, _ in said] == ["hires, marketing", "locations"]


def test_without_a_cash_file_the_burn_is_estimated() -> None:
    finance = Finance(money(500_000), last_day(OCTOBER), 0.5, money(5_000), money(2_000))
    found = room(cash_balance=None, finance=finance)
    assert (whole(found["hires"]), found["hires"].bound_by) == (2, "over-hiring")
    poor = replace(finance, cash_balance=money(1_000))
    assert room(cash_balance=None, finance=poor)["hires"].bound_by == "runway"


def test_the_balance_of_the_config_falls_by_what_is_estimated() -> None:
    # 40,000 of pay, 5,000 of overhead and 20,000 of marketing on 50,000 of gross profit
    finance = Finance(money(500_000), last_day(OCTOBER), 0.5, money(5_000), money(20_000))
    later = projected(cash_balance=None, finance=finance).shop.finance
    assert later
    assert (later.cash_balance, later.cash_balance_on) == (money(455_000), date(2027, 1, 31))


# --- the projection --------------------------------------------------------------------------------------------


def projected(step: Step | None = None, **overrides: Any) -> Facts:
    return Projection(shop(**{**HEALTHY, **overrides})).with_step(step or Step())


def test_a_steady_shop_goes_on_as_it_is() -> None:
    now, later = shop(**HEALTHY), projected()
    assert later.as_of == date(2027, 1, 31)
    for name in ("orders", "net_revenue", "new_customers", "repeat_orders", "headcount", "newcomers", "payroll"):
        assert getattr(later.month(JANUARY), name) == getattr(now.month(OCTOBER), name), name
    for name in ("cogs", "marketing", "inventory", "net_burn", "locations"):
        assert getattr(later.month(JANUARY), name) == getattr(now.month(OCTOBER), name), name
    assert later.month(JANUARY).cash_balance == money(1_590_000)
    assert sum(day.net_revenue for day in later.days[-31:]) == near(later.month(JANUARY).net_revenue, rel=0.001)
    assert len(later.days) == len(now.days) + 92


def test_a_steady_shop_is_judged_as_it_is() -> None:
    statuses = {finding.id: finding.status for finding in run(CHECKS, shop(**HEALTHY), {})}
    later = {finding.id: finding.status for finding in run(CHECKS, projected(), {})}
    assert {name for name, status in later.items() if status is not statuses[name]} == set()


def test_the_season_comes_again_on_top_of_growth() -> None:
    def orders(month: int) -> float:
        season = 2 if (OCTOBER + month) % 12 == 11 else 1  # December
        return 1000 * season * (1.2 if month > -3 else 1)

    later = projected(orders=orders)
    assert [later.month(JANUARY - back).orders for back in (2, 1, 0)] == [1200, 2400, 1200]


def test_hires_join_at_once_and_are_paid() -> None:
    later, before = projected(Step(hires=3)), projected()
    for month in range(OCTOBER + 1, JANUARY + 1):
        assert later.month(month).headcount == 23
        assert later.month(month).newcomers == 3
        assert later.month(month).payroll == money(46_000)
    assert [later.month(OCTOBER + ahead).hires for ahead in (1, 2, 3)] == [3, 0, 0]
    assert before.month(JANUARY).cash_balance - later.month(JANUARY).cash_balance == money(18_000)  # type: ignore[operator]


def test_newcomers_of_before_grow_out_of_their_six_months() -> None:
    later = projected(hires=among([-5, -3], 2, 0))
    assert [later.month(OCTOBER + ahead).newcomers for ahead in (0, 1, 2, 3)] == [4, 2, 2, 0]


def test_headcount_alone_tells_its_growth() -> None:
    later = projected(Step(hires=1), hires=None, headcount=lately(4, 22, 20))
    assert [later.month(OCTOBER + ahead).newcomers for ahead in (1, 2, 3)] == [3, 3, 1]


def test_marketing_wins_customers_at_what_one_costs() -> None:
    later, before = projected(Step(marketing=money(1_000))), projected()
    month, without = later.month(JANUARY), before.month(JANUARY)
    assert month.new_customers - without.new_customers == 40  # 10,000 won 400
    assert month.orders - without.orders == 40
    assert month.net_revenue - without.net_revenue == money(4_000)
    assert month.net_burn - without.net_burn == money(1_000 - 0.4 * 4_000)  # type: ignore[operator]
    years = later.year_to[JANUARY], before.year_to[JANUARY]
    assert years[0].buyers - years[1].buyers == 120


def test_other_costs_are_the_higher_of_quarter_and_year() -> None:
    spent = among([-7], 50_000, 5_000)  # a month's purchase half a year ago
    later = projected(cash_balance=burning(spent, 800_000))
    assert later.month(JANUARY).net_burn == near(money((11 * 5_000 + 50_000) / 12), rel=0.001)


def test_a_young_shop_goes_on_from_its_last_quarter() -> None:
    later = projected(months=9, orders=lately(3, 1200, 1000))
    assert later.month(OCTOBER + 1).orders == 1440


def test_the_rest_of_an_unfinished_month_is_projected() -> None:
    later = projected(as_of=date(2026, 11, 12), orders=lambda month: 200 if month > 0 else 1000)
    assert later.month(OCTOBER + 1).orders == 1000


def test_a_month_that_was_closed_is_closed_again() -> None:
    later = projected(orders=among([-11], 0, 1000), closed=[-11])
    assert later.month(OCTOBER + 1).orders == 0
    assert not later.gaps


# --- for every shop --------------------------------------------------------------------------------------------

STEPS: dict[str, Callable[[float], Step]] = {
    "hires": lambda value: Step(hires=round(value)),
    "marketing": lambda value: Step(marketing=round(value)),
    "locations": lambda value: Step(locations=round(value)),
}


@settings(max_examples=25, deadline=None)
@given(ANYTHING)
def test_whatever_the_shop_there_is_an_answer(overrides: dict[str, Any]) -> None:
    facts = shop(**overrides)
    for found in room_to_grow(facts, {}, run(CHECKS, facts, {})):
        assert found.value or found.reason or found.bound_by
        assert "please report" not in found.reason
        assert found.value is None or found.limit is None or 0 <= found.value.value <= found.limit.value


def test_no_revenue_is_no_margin() -> None:
    assert "please report" not in room(company_revenue=0)["marketing"].reason


@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    orders=st.integers(800, 2500),
    headcount=st.integers(5, 40),  # a team of under 5 is weak evidence, and with one more no longer
    before=st.integers(5, 30),
    marketing=st.integers(2_000, 40_000),
    cogs=st.integers(30_000, 150_000),
    left=st.integers(0, 600_000),
    burned=st.integers(-5_000, 40_000),
    share=st.floats(0, 1),
)
def test_no_step_up_to_the_room_turns_a_check_and_the_next_does(share: float, **drawn: Any) -> None:
    overrides = {
        "orders": lately(12, drawn["orders"], 1000),
        "headcount": lately(9, drawn["headcount"], drawn["before"]),
        "marketing": lately(8, drawn["marketing"], 10_000),
        "cogs": lately(12, drawn["cogs"], 60_000),
        "cash_balance": burning(drawn["burned"], drawn["left"]),
    }
    projection = Projection(shop(**{**HEALTHY, **overrides}))

    def turned(step: Step) -> set[str]:
        pairs = zip(without, run_without_series(CHECKS, projection.with_step(step), {}), strict=True)
        return {now.id for now, then in pairs if then.status.severity > now.status.severity >= 0}

    without = run_without_series(CHECKS, projection.with_step(Step()), {})
    for found in room(**overrides).values():
        assume(found.value is not None)
        assert found.value is not None
        assert found.limit is not None
        assert not turned(STEPS[found.lever](found.value.value)), found
        if found.value.unit != "money":  # an amount of money is rounded down, so that its next step may not turn yet
            assert not turned(STEPS[found.lever](share * found.value.value // 1)), found
            if found.bound_by and not found.already and not _weak(without, found):
                assert found.bound_by in turned(STEPS[found.lever](found.value.value + 1)), found


def _weak(findings: tuple[Finding, ...], found: Headroom) -> bool:
    """The binding check is a warning already: beyond its critical line it stays one, on weak evidence."""
    return any(finding.id == found.bound_by and finding.status is Status.WARNING for finding in findings)
