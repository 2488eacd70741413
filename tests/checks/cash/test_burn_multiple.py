"""Burn multiple: net burn of Y ÷ the growth of gross profit, over 1.5 a warning, over 3 critical."""

from __future__ import annotations

from typing import Any

import pytest

from merchant_check.facts import Finance
from merchant_check.report import Status, Window

from ..shops import (
    CRITICAL,
    OCTOBER,
    OK,
    SKIPPED,
    UNKNOWN,
    WARNING,
    among,
    burning,
    judge,
    lately,
    near,
    told,
    value,
)

CHECK = "burn-multiple"


def year(burn: float, profit: float = 50_000, before: float = 40_000) -> dict[str, Any]:
    """So much burned and earned each month of the year; the year before earned `before` a month."""
    return {"cash_balance": burning(lately(12, burn, 0), left=1e6), "gross_profit": lately(12, profit, before)}


def test_240_000_burned_for_120_000_more_gross_profit_are_2() -> None:
    finding = judge(CHECK, **year(20_000))
    assert value(finding) == 2
    assert [told(finding, name) for name in ("burn", "gain", "now", "before")] == [240_000, 120_000, 600_000, 480_000]
    assert finding.summary == "{burn} more went out than came in within twelve months; gross profit rose by {gain}."
    assert finding.window == Window(OCTOBER - 11, OCTOBER, OCTOBER - 23, OCTOBER - 12)


@pytest.mark.parametrize(
    ("burn", "status"), [(1, OK), (15_000, OK), (15_010, WARNING), (30_000, WARNING), (30_010, CRITICAL)]
)
def test_exactly_at_a_line_is_still_good(burn: float, status: Status) -> None:
    assert judge(CHECK, **year(burn)).status is status


@pytest.mark.parametrize("profit", [35_000, -5_000])
def test_burning_while_gross_profit_does_not_grow_is_critical(profit: float) -> None:
    finding = judge(CHECK, **year(3_000, profit))
    assert (finding.status, finding.parts[0].value) == (CRITICAL, None)
    assert finding.reason.startswith("more cash goes out than comes in, while gross profit ")


@pytest.mark.parametrize(
    ("profit", "words"), [(39_000, "fell from {before} to {now}"), (40_000, "stayed at {now}"), (40_001, "by {gain}")]
)
def test_the_summary_says_where_gross_profit_went(profit: float, words: str) -> None:
    assert judge(CHECK, **year(1, profit)).summary.endswith(f"{words}.")


@pytest.mark.parametrize("burn", [0, -10_000])
@pytest.mark.parametrize("profit", [39_000, 60_000])
def test_not_burning_is_ok(burn: float, profit: float) -> None:
    finding = judge(CHECK, **year(burn, profit))
    assert (finding.status, finding.reason) == (OK, "no cash is lost: at least as much came in as went out")
    assert finding.summary == "No cash was lost in twelve months; gross profit {now}, before that {before}."


def test_without_a_financing_column_even_a_loss_only_warns() -> None:
    finding = judge(CHECK, **year(10_000, 30_000), financing=None)
    assert (finding.status, finding.quality) == (WARNING, "weak")
    assert finding.reason.startswith("no financing column")


# --- where gross profit comes from ---------------------------------------------------------------------------


def test_gross_profit_is_the_one_given() -> None:
    assert told(judge(CHECK, gross_profit=7_000, cogs=1), "now") == 84_000


def test_else_revenue_minus_the_cost_of_goods() -> None:
    assert told(judge(CHECK, cogs=70_000), "now") == 360_000
    assert told(judge(CHECK, cogs=70_000, company_revenue=200_000), "now") == 1_560_000


def test_else_revenue_times_the_margin_which_warns_at_most() -> None:
    overrides = {**year(50_000), "gross_profit": None, "cogs": None, "revenue": lately(12, 110_000, 100_000)}
    finding = judge(CHECK, **overrides, finance=Finance(gross_margin=0.5))
    assert (told(finding, "now"), told(finding, "gain"), value(finding)) == near((660_000, 60_000, 10))
    assert (finding.status, finding.quality) == (WARNING, "estimated")


def test_tax_is_no_profit() -> None:
    finding = judge(CHECK, cogs=60_000, finance=Finance(sales_tax_rate=0.25))
    assert (told(finding, "now"), finding.notes) == (240_000, ())


# --- what is missing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("overrides", "status", "reason"),
    [
        ({"cash_balance": None}, SKIPPED, "no cash file: add a sheet"),
        ({"months": 23}, UNKNOWN, "needs 24 complete months, has 23"),
        ({"cash_balance": lately(23, 1)}, UNKNOWN, "needs 24 complete months, has 23"),
        (
            {"cogs": None},
            UNKNOWN,
            "no gross profit: add the column gross_profit or cogs to the cash file, or set finance.gross_margin",
        ),
        ({"cogs": among([-20], None, 1)}, UNKNOWN, "no cogs for February 2025: add it to the cash file"),
        ({"cash_balance": among([-5], None, 1)}, UNKNOWN, "the cash gained or lost in May 2026 is not known"),
        ({"orders": among([-23], 0, 1000)}, UNKNOWN, "no orders in November 2024"),
    ],
)
def test_what_is_missing_is_named(overrides: dict[str, Any], status: Status, reason: str) -> None:
    finding = judge(CHECK, **overrides)
    assert finding.status is status
    assert finding.reason.startswith(reason)


def test_24_months_of_cash_are_enough() -> None:
    assert judge(CHECK, months=24, **year(30_010)).status is CRITICAL
