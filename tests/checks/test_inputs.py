"""Each cash check asks only for the inputs its figures come from; small teams and samples of customers are named."""

from __future__ import annotations

from typing import Any

import pytest

from merchant_check.facts import Span

from .shops import CRITICAL, OCTOBER, UNKNOWN, burning, judge, lately, told, value

# --- "L: the latest month complete in every input it uses"; runway: "the means … (those with all balances)" -------
# A cash sheet with balances and financing is all that runway uses, and with gross_profit all that burn-multiple uses;
# both still ask for the orders, and so lose months that only the orders lack.

SHORT_ORDERS = {"orders": Span(OCTOBER - 5, OCTOBER)}  # six months of orders, three years of cash
OLD_ORDERS = {"orders": Span(OCTOBER - 35, OCTOBER - 2)}  # orders to August, cash to October


def test_a_short_file_of_orders_does_not_shorten_the_runways_means() -> None:
    finding = judge("runway", cash_balance=burning(10_000, left=50_000), spans=SHORT_ORDERS)
    assert (finding.status, value(finding)) == (CRITICAL, 5)


def test_a_short_file_of_orders_does_not_cost_the_burn_multiple() -> None:
    finding = judge(
        "burn-multiple",
        cash_balance=burning(10_000, left=0),
        gross_profit=lately(12, 45_000, 40_000),
        spans=SHORT_ORDERS,
    )
    assert value(finding) == 2


def test_the_runway_starts_from_the_newest_balance() -> None:
    finding = judge("runway", cash_balance=burning(10_000, left=50_000), spans=OLD_ORDERS)
    assert (told(finding, "balance"), finding.status) == (50_000, CRITICAL)


# --- "Team shares are full counts: weak evidence under 5 people." --------------------------------------------------


def test_training_of_a_small_team_is_weak_evidence_without_pay_too() -> None:
    overrides: dict[str, Any] = {"headcount": 3, "hires": 0.5, "training_hours": 0}
    assert judge("team-investment", **overrides).quality == "weak"
    assert judge("team-investment", **overrides, payroll=None).quality == "weak"


# === judgement call ===============================================================================================


@pytest.mark.parametrize("overrides", [{"new_customers": lately(3, 0, 400)}])
def test_a_sample_of_customers_tells_nothing_of_peaks(overrides: dict[str, Any]) -> None:
    """ "A file without one new customer for three months (a cohort extract, like CDNOW) holds a sample of customers:
    customer checks unknown." Its sales are those of customers growing old: their first months look like a peak."""
    assert judge("peak-dependence", **overrides).status is UNKNOWN
