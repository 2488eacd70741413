"""The months that checks judge: how far an input may lag, months without orders, the season."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from merchant_check.checks.windows import WEAK_SEASON
from merchant_check.facts import month_name

from .shops import OCTOBER, OK, SKIPPED, UNKNOWN, among, judge, lately, shop

ON_STAFFING = ["growth-pace", "over-hiring", "newcomers", "turnover", "team-investment", "locations"]
ON_CASH = ["runway", "burn-multiple", "burn-share", "marketing-share", "acquisition-cost", "inventory"]
ON_ORDERS_ALONE = ["repeat-share", "second-order", "retained-revenue", "active-customers", "peak-dependence"]

MAIN = {"staffing": ("headcount", 10), "cash": ("cash_balance", 1_000_000)}
NOT_ON_ORDERS = ["newcomers", "turnover", "locations", "runway"]
READERS = [*((check, "staffing") for check in ON_STAFFING), *((check, "cash") for check in ON_CASH)]


def ending(role: str, month: int) -> dict[str, Any]:
    """The file of this role ends with the month."""
    name, amount = MAIN[role]
    return {name: lambda number: amount if number <= month else None}


@pytest.mark.parametrize(("check", "role"), READERS)
def test_an_input_more_than_two_months_behind_the_orders_is_unknown(check: str, role: str) -> None:
    finding = judge(check, **ending(role, -3))
    assert (finding.status, finding.reason) == (UNKNOWN, f"{role}.csv ends in July 2026: add the months since")


@pytest.mark.parametrize(("check", "role"), READERS)
@pytest.mark.parametrize("behind", [1, 2])
def test_within_two_months_the_latest_month_of_every_input_is_judged(check: str, role: str, behind: int) -> None:
    finding = judge(check, **ending(role, -behind))
    assert finding.status is OK
    assert finding.window is not None
    assert finding.window.last == OCTOBER - behind


@pytest.mark.parametrize(("check", "role"), READERS)
def test_an_input_that_is_not_given_is_skipped_and_says_how_to_supply_it(check: str, role: str) -> None:
    finding = judge(check, **{MAIN[role][0]: None})
    assert finding.status is SKIPPED
    assert finding.reason.startswith(f"no {role} file: add a sheet with the columns month, ")


@pytest.mark.parametrize("check", [*ON_ORDERS_ALONE, "plan"])
def test_the_other_checks_need_no_further_file(check: str) -> None:
    assert judge(check, headcount=None, cash_balance=None, plan={2026: 1_200_000}).status is OK


@pytest.mark.parametrize("check", [*ON_ORDERS_ALONE, *ON_STAFFING, *ON_CASH])
@pytest.mark.parametrize("role", ["orders", "staffing", "cash"])
def test_without_one_complete_month_of_an_input_it_is_unknown(check: str, role: str) -> None:
    empty = shop(months=0).spans["orders"]
    finding = judge(check, spans={role: empty})
    if (check, role) in READERS or (role == "orders" and check not in NOT_ON_ORDERS):
        assert (finding.status, finding.reason) == (UNKNOWN, f"{role}.csv holds no complete month yet")


@pytest.mark.parametrize("check", ["growth-pace", "burn-share"])
def test_inputs_without_a_month_in_common_are_unknown(check: str) -> None:
    role = "staffing" if check == "growth-pace" else "cash"
    finding = judge(
        check, months=1, **{MAIN[role][0]: lambda month: 10 if month > 0 else None}, as_of=date(2026, 12, 31)
    )
    assert (finding.status, finding.reason) == (
        UNKNOWN,
        f"orders.csv and {role}.csv have no complete month in common",
    )


# --- months without orders -----------------------------------------------------------------------------------

FIRST_MONTH = {  # of the window that a gap makes unknown, counted from the last complete month
    "growth-pace": -14,
    "over-hiring": -14,
    "team-investment": -23,
    "repeat-share": -11,
    "retained-revenue": -23,
    "active-customers": -23,
    "peak-dependence": -11,
    "burn-multiple": -23,
    "burn-share": -11,
    "marketing-share": -11,
    "acquisition-cost": -14,
    "inventory": -14,
    "plan": -9,
}


@pytest.mark.parametrize(("check", "first"), FIRST_MONTH.items())
@pytest.mark.parametrize("last", [False, True])
def test_a_month_without_orders_in_the_window_is_unknown(check: str, first: int, last: bool) -> None:
    month = -1 if last else first
    finding = judge(check, orders=among([month], 0, 1000), plan={2026: 1_200_000})
    assert (finding.status, finding.reason) == (
        UNKNOWN,
        f"no orders in {month_name(OCTOBER + month)}: add the missing export, or list the month under merchant.closed",
    )


@pytest.mark.parametrize(("check", "first"), FIRST_MONTH.items())
def test_a_month_without_orders_before_the_window_is_not_its_business(check: str, first: int) -> None:
    assert judge(check, orders=among([first - 1], 0, 1000), plan={2026: 1_200_000}).status is OK


@pytest.mark.parametrize("check", FIRST_MONTH)
def test_a_month_in_which_the_shop_was_closed_is_no_gap(check: str) -> None:
    finding = judge(check, orders=among([-5, -17], 0, 1000), closed=[-5, -17], plan={2026: 1_100_000})
    assert finding.status is OK


@pytest.mark.parametrize("check", ["newcomers", "turnover", "locations"])
def test_what_uses_no_orders_knows_no_gaps(check: str) -> None:
    assert judge(check, orders=among([-1, -11, -12], 0, 1000)).status is OK


def test_the_first_of_several_gaps_is_named() -> None:
    assert "no orders in January 2026" in judge("burn-share", orders=among([-9, -5], 0, 1000)).reason


def test_gaps_lie_between_months_with_orders() -> None:
    facts = shop(orders=lambda month: 0 if month in (-35, -20, -4, 0) else 10, closed=[-4])
    assert facts.gaps == {OCTOBER - 20}


# --- the season ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "overrides"),
    [
        ("growth-pace", {"headcount": lately(15, 10)}),
        ("over-hiring", {"headcount": lately(15, 10)}),
        ("acquisition-cost", {"cash_balance": lately(15, 1), "opened": date(2023, 11, 1)}),
        ("growth-pace", {"months": 15}),
    ],
)
def test_15_months_of_every_input_remove_the_season(check: str, overrides: dict[str, Any]) -> None:
    finding = judge(check, **overrides)
    assert finding.window is not None
    assert (finding.quality, finding.window.compared_last) == ("full", OCTOBER - 12)


@pytest.mark.parametrize(
    ("check", "overrides"),
    [
        ("growth-pace", {"headcount": lately(14, 10)}),
        ("over-hiring", {"headcount": lately(14, 10)}),
        ("acquisition-cost", {"cash_balance": lately(14, 1)}),
        ("growth-pace", {"months": 14}),
        ("growth-pace", {"headcount": lambda month: 10 if -15 <= month <= -2 else None}),
    ],
)
def test_with_fewer_months_of_any_input_the_three_before_are_compared(check: str, overrides: dict[str, Any]) -> None:
    finding = judge(check, **overrides)
    assert finding.window is not None
    assert finding.weak_because[0] == WEAK_SEASON
    assert finding.window.compared_last == finding.window.first - 1
