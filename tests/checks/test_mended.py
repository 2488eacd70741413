"""Sentences of the design that the checks once missed, each with its smallest example: they stay mended."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from merchant_check.checks import CHECKS
from merchant_check.checks.verdict import report
from merchant_check.facts import Finance
from merchant_check.report import Finding, Status

from .shops import (
    OCTOBER,
    OK,
    SKIPPED,
    UNKNOWN,
    WARNING,
    among,
    burning,
    came_back,
    judge,
    lately,
    money,
    near,
    part,
    shop,
    told,
    value,
)

NO_CASH: dict[str, Any] = {
    "cash_balance": None,
    "finance": Finance(money(100_000), date(2026, 10, 31), 0.4, money(25_000), money(5_000)),
}


# --- "Orders without one … above 20 % of a window's orders the customer checks are unknown and say so." ------

MANY_GUESTS_THIS_YEAR = lately(12, 390, 0)  # 39 % of Y and none of Y': 19.5 % of both together


@pytest.mark.parametrize(
    ("check", "guests"),
    [
        ("active-customers", MANY_GUESTS_THIS_YEAR),  # reported as critical: "buyers −39 %"
        ("retained-revenue", MANY_GUESTS_THIS_YEAR),
        ("acquisition-cost", lately(3, 390, 0)),  # reported as critical: "cost of a new customer +64 %"
        ("active-customers", lambda month: 0 if month > -12 else 390),
    ],
)
def test_above_20_percent_guests_in_either_of_two_windows_it_is_unknown(check: str, guests: Any) -> None:
    finding = judge(check, orders_without_customer=guests)
    assert finding.status is UNKNOWN
    assert "orders without a customer" in finding.reason


def test_above_20_percent_guests_a_year_before_the_change_of_repeat_share_is_unknown() -> None:
    finding = judge("repeat-share", orders_without_customer=lately(12, 0, 900), repeat=lately(12, 0.5, 0.6))
    assert part(finding, "change").status is UNKNOWN


# --- "runway: … the worst of the means over 3, 6 and 12 months (those with all balances; under 3 unknown)" ---


def test_a_balance_missing_eight_months_ago_costs_only_the_12_month_mean() -> None:
    whole = burning(10_000, left=50_000)
    finding = judge("runway", cash_balance=lambda month: None if month == -8 else whole(month))
    assert (finding.status, value(finding)) == (WARNING, 5)


# --- "An empty month between months with orders is a gap: windows that touch it are unknown." ----------------


def test_a_gap_in_the_orders_eight_months_ago_spoils_an_estimated_12_month_mean() -> None:
    assert value(judge("runway", **NO_CASH)) == 10
    finding = judge("runway", **NO_CASH, orders=among([-8], 0, 1000))
    assert finding.status is UNKNOWN or value(finding) == 10  # not 7.5, as if nothing had been sold in that month


def test_a_gap_in_the_three_years_spoils_the_realism_of_a_plan() -> None:
    finding = judge("plan", plan={2026: 1_500_000}, orders=among([-30], 0, 1000))
    assert part(finding, "realism").status is UNKNOWN  # not a best growth of 9 %, which only the gap brought about


# --- "No payroll: unknown." ----------------------------------------------------------------------------------


@pytest.mark.parametrize("check", ["runway", "burn-multiple", "burn-share"])
def test_without_payroll_an_estimate_is_unknown_not_skipped(check: str) -> None:
    assert judge(check, **NO_CASH, payroll=None).status is UNKNOWN


# --- "finance.sales_tax_rate takes tax out of order revenue here" --------------------------------------------


def test_payback_counts_what_customers_spend_without_tax() -> None:
    # 70 with 25 % tax are 56; 40 % of that are 22.40 of the 25 that a customer costs; another 8 bring 3.20
    finding = judge(
        "acquisition-cost",
        finance=Finance(sales_tax_rate=0.25),
        cogs=48_000,
        spent=lambda age: 70 if age == 0 else 10,
    )
    assert value(finding, "payback") == 1


# --- "over-hiring: … the same over two years, both factors square-rooted; the worse counts" ------------------


@pytest.mark.parametrize(
    "two_years_ago",
    [
        {"orders": among([-24, -25, -26], 9, 1000)},
        {"headcount": lambda month: 12 if month > -3 else 10 * (month > -24)},
    ],
)
def test_a_year_that_can_be_judged_is_not_lost_because_two_years_can_not(two_years_ago: dict[str, Any]) -> None:
    year: dict[str, Any] = {"headcount": lately(3, 12, 10), "revenue": lately(3, 96_000, 100_000)}
    finding = judge("over-hiring", **(year | two_years_ago))
    assert (finding.status, value(finding)) == (WARNING, near(-0.2))


def test_over_two_years_the_interval_is_square_rooted_too() -> None:
    # 60 orders against 60: 0.64 × e^±0.358 = 0.447 to 0.915, so a year's rate lies between 0.669 and 0.957
    finding = judge("over-hiring", orders=20, headcount=lately(24, 144, 100), revenue=lately(24, 92_160, 100_000))
    (found,) = finding.parts
    assert (found.low, found.high) == near((0.669 - 1, 0.957 - 1), abs=1e-3)
    assert finding.status is WARNING


def test_a_year_within_chance_does_not_hide_two_years_that_are_not() -> None:
    # in one year −26 % from 30 orders a quarter (within chance); in two −15 % a year from 3,000 (a warning)
    finding = judge(
        "over-hiring",
        headcount=lambda month: 120 if month > -3 else 100 if month > -15 else 80,
        revenue=lambda month: 86_400 if month > -3 else 97_300 if month > -15 else 79_720,
        orders=lambda month: 10 if -15 < month <= -3 else 1000,
    )
    assert finding.status is WARNING


# --- "If leaving out either window's single largest order changes the status, the finding is weak evidence."


def test_a_large_order_that_changes_no_status_is_no_weakness() -> None:
    finding = judge("over-hiring", revenue=lately(3, 80_000, 100_000), largest_order=among([-13], 70_000, 100))
    assert (finding.status, finding.quality) == (OK, "full")  # headcount did not grow: ok with the order or without


@pytest.mark.parametrize(
    ("check", "overrides"),
    [
        # critical, because one order a year ago makes sales seem to fall by 25 %; without it they are as they were
        (
            "inventory",
            {
                "inventory": lambda month: 128_000 if month > -3 else 140_000 if month > -12 else 100_000,
                "revenue": among([-13], 200_000, 100_000),
                "largest_order": among([-13], 100_000, 100),
            },
        ),
        # critical, because one order a year ago makes gross profit seem to fall
        (
            "burn-multiple",
            {
                "cash_balance": burning(lately(12, 3_000, 0), 0),
                "revenue": lambda month: 110_000 if month > -12 else 300_000 if month == -20 else 100_000,
                "largest_order": among([-20], 200_000, 100),
            },
        ),
        # a warning, because one order lifts sales per head from +4 to +12 %
        (
            "team-investment",
            {"headcount": 40, "revenue": lately(12, 112_000, 100_000), "largest_order": among([-3], 100_000, 100)},
        ),
        # ok, because of one order: 100 % of the plan with it, 80 % without
        ("plan", {"plan": {2026: 1_200_000}, "largest_order": among([-3], 200_000, 100)}),
        # ok, because of one order: 15 % of the sales with it, 30 % without
        ("marketing-share", {"marketing": 15_500, "largest_order": among([-3], 600_000, 100)}),
    ],
)
def test_one_large_order_that_decides_any_figure_of_sales_is_weak_evidence(
    check: str, overrides: dict[str, Any]
) -> None:
    finding = judge(check, **overrides)
    assert "one large order decides it" in finding.weak_because
    assert finding.status in (OK, WARNING)


# --- "A roster without any end date shows survivors only: headcount growth from it is weak evidence." --------


def test_pay_and_sales_per_head_of_a_roster_of_survivors_are_weak_evidence() -> None:
    finding = judge("team-investment", team_source="survivors", revenue=lately(12, 150_000, 100_000))
    assert finding.quality == "weak"


# --- "newcomers: … sheet: hires of 6 months ÷ headcount; headcount only: net growth, a lower bound" ----------


def test_where_hires_are_not_known_for_all_six_months_the_growth_is_a_lower_bound() -> None:
    finding = judge("newcomers", headcount=lately(6, 20, 16), hires=among([-5], None, 0))
    assert (finding.quality, finding.summary.startswith("At least")) == ("weak", True)


def test_six_months_of_hires_are_enough() -> None:
    finding = judge("newcomers", headcount=lately(6, 20), hires=lately(6, 1))
    assert (finding.status, value(finding)) == (WARNING, 0.3)


# --- "plan: … realism: planned growth ÷ best yearly growth ever achieved (36 complete months, positive)" -----


def test_a_plan_by_month_has_its_realism_too() -> None:
    # the facts have no rows for November and December 2026, which lie ahead; shop.plan_months knows them
    finding = judge(
        "plan",
        plan_months=dict.fromkeys(range(-9, 3), 122_000),
        revenue=lately(12, 110_000, 100_000),
    )
    assert value(finding, "realism") == near(2)


# --- "probability that a new customer orders on a second day …: customers whose first day lies in the last 24 months"


def test_second_order_looks_at_24_months() -> None:
    finding = judge("second-order")
    assert finding.window is not None
    assert (finding.window.first, finding.window.last) == (OCTOBER - 23, OCTOBER)
    assert judge("second-order", orders=among([-24], 0, 1000)).status is OK


# --- "one check's crash is an unknown finding": but these need not crash -------------------------------------


def test_a_year_whose_whole_revenue_is_one_order_does_not_crash_peak_dependence() -> None:
    overrides: dict[str, Any] = {
        "sales": lambda day: 5_000 if day == date(2026, 5, 1) else 0,
        "largest_order": among([-5], 5_000, 0),
    }
    assert "please report it" not in judge("peak-dependence", **overrides).reason


# --- words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("months", [5, 10, 12, 18])
def test_the_months_it_asks_for_are_enough(months: int) -> None:
    """Half of what is added goes to the window, so the lead-in is 12 months only from 23 complete months on."""
    (more,) = re.findall(r"export (\d+) more months", judge("repeat-share", months=months, repeat=0.2).reason)
    assert judge("repeat-share", months=months + int(more), repeat=0.2).notes == ()


def test_flat_gross_profit_did_not_fall() -> None:
    finding = judge("burn-multiple", cash_balance=burning(10_000, 0))
    assert told(finding, "now") == told(finding, "before")
    assert "fell" not in finding.summary
    assert "falls" not in finding.reason


def test_a_single_subject_that_was_not_judged_is_spoken_of_in_the_singular() -> None:
    statuses = {"cash": SKIPPED}
    findings = [
        Finding(check.id, check.subject, check.document, statuses.get(check.subject, Status.OK)) for check in CHECKS
    ]
    assert report(shop(), (), findings).headline == "Nothing judged is out of step; cash was not judged."


# === judgement calls: the design does not say it in so many words ==========================================


# --- parts: "each graded; its status is the worst part's" ----------------------------------------------------


@pytest.mark.parametrize(
    ("check", "overrides", "figure"),
    [
        ("team-investment", {"payroll": None, "training_hours": 0, "hires": 2}, "training"),  # today: skipped
        ("team-investment", {"months": 20, "training_hours": 0, "hires": 2}, "training"),  # today: unknown
        ("inventory", {"months": 14, "inventory": 400_000}, "days"),  # 203 days of stock; today: unknown
    ],
)
def test_a_first_figure_that_can_not_be_told_does_not_cost_the_others(
    check: str, overrides: dict[str, Any], figure: str
) -> None:
    finding = judge(check, **overrides)
    assert finding.status.severity >= 1
    assert part(finding, figure).status.severity >= 1


# --- "critical needs the whole interval beyond the warning line" ---------------------------------------------


def test_nobody_of_a_few_who_came_back_is_not_certainty() -> None:
    """31 followed for 90 days, none came back: Greenwood's variance is 0 there, yet up to 11 % may (Wilson: 0 to 11 %),
    and the warning line of durables is 6.8 %. repeat-share, with Wilson's interval, warns in the same place."""
    finding = judge("second-order", category="durables", returned=came_back(0, 31, 90))
    assert finding.status is WARNING
