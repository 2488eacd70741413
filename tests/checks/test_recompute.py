"""What a document tells the analyst is enough: each figure is computed again from the JSON report alone."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from functools import cache
from math import exp, log, prod, sqrt
from typing import Any

import pytest

from merchant_check.checks import CHECKS
from merchant_check.checks.check import Check
from merchant_check.commands.report import demo_report
from merchant_check.render import json_v1

STORIES = ("steady", "over-hired", "ad-burn")
NEAR = 1e-5  # the report rounds to six decimals
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "SOURCE_DATE_EPOCH", "1794700800")


@cache
def report(story: str) -> Json:
    found: Json = json.loads(json_v1.render(demo_report(story), exit_code=0))
    return found


class Analyst:
    """One finding, and sums over the months of its windows, as the document's last paragraph names them."""

    def __init__(self, story: str, check: str) -> None:
        self.facts = report(story)["facts"]
        findings = (each for subject in report(story)["subjects"] for each in subject["findings"])
        self.finding = next(each for each in findings if each["id"] == check)
        window = self.finding["window"]
        self.now = self.months(window["from"], window["to"])
        then = window["compared_with"]
        self.before = self.months(then["from"], then["to"]) if then else []

    def months(self, first: str, last: str) -> list[Json]:
        return [row for row in self.facts["months"] if first <= row["month"] <= last]

    def back(self, months: int, length: int = 1) -> list[Json]:
        """`length` months ending so many before window.to."""
        rows: list[Json] = self.facts["months"]
        end = rows.index(self.now[-1]) + 1 - months
        return rows[end - length : end]

    def year(self, to: str) -> Json:
        return next(row for row in self.facts["years"] if row["to"] == to)

    def survival(self, group: str, horizon: int) -> tuple[float, float]:
        rows = [row for row in self.facts["second_order"] if row["group"] == group and row["gap"] <= horizon]
        v = sum(row["events"] / (row["at_risk"] * (row["at_risk"] - row["events"])) for row in rows)
        return prod(1 - row["events"] / row["at_risk"] for row in rows), v

    def part(self, name: str) -> float | None:
        found: float | None = next(part["value"] for part in self.finding["parts"] if part["id"] == name)
        return found


def total(rows: Sequence[Json], field: str) -> float:
    return float(sum(row[field] or 0 for row in rows))


def mean(rows: Sequence[Json], field: str) -> float:
    return total(rows, field) / len(rows)


def revenue(rows: Sequence[Json]) -> float:
    return sum(
        float(row["net_revenue"]) if row["company_revenue"] is None else float(row["company_revenue"]) for row in rows
    )


def profit(rows: Sequence[Json]) -> float:
    return float(
        sum(revenue([row]) - row["cogs"] if row["gross_profit"] is None else row["gross_profit"] for row in rows)
    )


def growth_pace(a: Analyst) -> float:
    heads = mean(a.now, "headcount") / mean(a.before, "headcount")
    return total(a.now, "orders") / total(a.before, "orders") / heads - 1


def over_hiring(a: Analyst) -> float:
    heads = mean(a.now, "headcount") / mean(a.before, "headcount")
    r = total(a.now, "net_revenue") / total(a.before, "net_revenue") / heads
    years = int(a.now[0]["month"][:4]) - int(a.before[0]["month"][:4])
    return float(r ** (1 / years)) - 1


def team_investment(a: Analyst) -> float | None:
    def per_head(rows: Sequence[Json], *fields: str) -> float:
        return sum(total(rows, field) for field in fields) / mean(rows, "headcount")

    sales = per_head(a.now, "net_revenue") / per_head(a.before, "net_revenue") - 1
    pay = per_head(a.now, "payroll", "bonus") / per_head(a.before, "payroll", "bonus") - 1
    return pay / sales if sales > 0.10 else None


def turnover(a: Analyst) -> float:
    return total(a.now, "leavers") / mean(a.now, "headcount")


def locations(a: Analyst) -> float:
    (now,), (before,) = a.now, a.before
    return float((now["locations"] / before["locations"]) / (now["headcount"] / before["headcount"])) - 1


def newcomers(a: Analyst) -> float:
    return min(1.0, float(a.now[-1]["newcomers"] / a.now[-1]["headcount"]))


def repeat_share(a: Analyst) -> float:
    return total(a.now, "repeat_orders") / (total(a.now, "orders") - total(a.now, "orders_without_customer"))


def second_order(a: Analyst) -> float:
    return 1 - a.survival("all", a.finding["evidence"]["horizon"])[0]


def retained_revenue(a: Analyst) -> float:
    window = a.finding["window"]
    before = a.year(window["compared_with"]["to"])["net_revenue_with_customer"]
    return float(a.year(window["to"])["retained_revenue"] / before)


def active_customers(a: Analyst) -> float:
    window = a.finding["window"]
    return float(a.year(window["to"])["buyers"] / a.year(window["compared_with"]["to"])["buyers"] - 1)


def new_customers(a: Analyst) -> float:
    return total(a.back(0, 3), "new_customers") / total(a.back(12, 3), "new_customers") - 1


def level_days(a: Analyst) -> list[float]:
    g = total(a.back(0, 3), "net_revenue") / total(a.back(12, 3), "net_revenue")
    first, last = a.now[0]["month"], a.now[-1]["month"]
    days = [row for row in a.facts["days"] if first <= row["day"][:7] <= last]
    return [row["net_revenue"] / g ** (i / 365) for i, row in enumerate(days)]


def peak_dependence(a: Analyst) -> float:
    days = level_days(a)
    return max(sum(days[i : i + 60]) for i in range(len(days) - 59)) / sum(days)


def runway(a: Analyst) -> float | None:
    burn = mean(a.now, "net_burn")
    return a.now[-1]["cash_balance"] / burn if burn > 0 else None


def burn_multiple(a: Analyst) -> float | None:
    burn = total(a.now, "net_burn")
    return burn / (profit(a.now) - profit(a.before)) if burn > 0 else None


def burn_share(a: Analyst) -> float:
    return total(a.now, "net_burn") / revenue(a.now)


def marketing_share(a: Analyst) -> float:
    return total(a.now, "marketing") / revenue(a.now)


def acquisition_cost(a: Analyst) -> float:
    cost, before = (total(rows, "marketing") / total(rows, "new_customers") for rows in (a.now, a.before))
    return cost / before - 1


def payback(a: Analyst) -> float | None:
    cost = total(a.now, "marketing") / total(a.now, "new_customers")
    won = [row["month"] for row in a.back(12, 12)]
    cohorts = [row for row in a.facts["cohorts"] if row["first_month"] in won]
    customers = sum(row["customers"] for row in cohorts if row["age"] == 0)
    margin = profit(a.back(0, 12)) / revenue(a.back(0, 12))
    earned = 0.0
    for age in range(13):
        earned += margin * sum(row["net_revenue"] for row in cohorts if row["age"] == age) / customers
        if earned >= cost:
            return age
    return None


def inventory(a: Analyst) -> float:
    return total(a.now, "inventory") / total(a.before, "inventory") - revenue(a.now) / revenue(a.before)


def days_of_stock(a: Analyst) -> float:
    year = a.back(0, 12)
    return 365 * mean(year, "inventory") / (revenue(year) - profit(year))


def plan(a: Analyst) -> float:
    return revenue(a.now) / total(a.now, "planned_revenue")


FIGURES: dict[str, Callable[[Analyst], float | None]] = {
    "growth-pace": growth_pace,
    "over-hiring": over_hiring,
    "newcomers": newcomers,
    "turnover": turnover,
    "team-investment": team_investment,
    "locations": locations,
    "repeat-share": repeat_share,
    "second-order": second_order,
    "retained-revenue": retained_revenue,
    "active-customers": active_customers,
    "peak-dependence": peak_dependence,
    "runway": runway,
    "burn-multiple": burn_multiple,
    "burn-share": burn_share,
    "marketing-share": marketing_share,
    "acquisition-cost": acquisition_cost,
    "inventory": inventory,
    "plan": plan,
}
PARTS: dict[tuple[str, str], Callable[[Analyst], float | None]] = {
    ("peak-dependence", "day"): lambda a: max(level_days(a)) / sum(level_days(a)),
    ("peak-dependence", "customers"): lambda a: a.survival("other", 180)[0] - a.survival("peak", 180)[0],
    ("acquisition-cost", "payback"): payback,
    ("active-customers", "new-customers"): new_customers,
    ("inventory", "days"): days_of_stock,
}


def near(value: float | None) -> Any:
    return value if value is None else pytest.approx(value, rel=NEAR, abs=NEAR)


def test_every_check_is_computed_again() -> None:
    assert list(FIGURES) == [check.id for check in CHECKS]


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("check", FIGURES)
def test_the_figure_follows_from_the_json_report(check: str, story: str) -> None:
    analyst = Analyst(story, check)
    assert analyst.finding["value"] == near(FIGURES[check](analyst))


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize(("check", "part"), PARTS)
def test_further_figures_follow_from_the_json_report(check: str, part: str, story: str) -> None:
    analyst = Analyst(story, check)
    assert analyst.part(part) == near(PARTS[check, part](analyst))


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize(("check", "field"), [("growth-pace", "orders"), ("acquisition-cost", "new_customers")])
def test_the_interval_of_a_change_follows_from_the_json_report(check: str, field: str, story: str) -> None:
    analyst = Analyst(story, check)
    spread = exp(1.959964 * sqrt(1 / total(analyst.now, field) + 1 / total(analyst.before, field)))
    ratio = analyst.finding["value"] + 1
    bounds = [analyst.finding["low"], analyst.finding["high"]]
    assert bounds == [near(ratio / spread - 1), near(ratio * spread - 1)]


@pytest.mark.parametrize("story", STORIES)
def test_the_interval_of_second_order_follows_from_the_json_report(story: str) -> None:
    analyst = Analyst(story, "second-order")
    s, v = analyst.survival("all", analyst.finding["evidence"]["horizon"])
    c = 1.959964 * sqrt(v) / abs(log(s))
    assert [analyst.finding["low"], analyst.finding["high"]] == [near(1 - s ** exp(-c)), near(1 - s ** exp(c))]


@pytest.mark.parametrize("story", STORIES)
def test_the_interval_of_retained_revenue_follows_from_the_json_report(story: str) -> None:
    analyst = Analyst(story, "retained-revenue")
    value, b = analyst.finding["value"], analyst.year(analyst.finding["window"]["compared_with"]["to"])["buyers"]
    spread = exp(1.959964 * sqrt(1 / (b * min(1, value)) + 1 / b))
    assert [analyst.finding["low"], analyst.finding["high"]] == [near(value / spread), near(value * spread)]


def named(check: Check, pattern: str) -> list[str]:
    return re.findall(pattern, check.document.recompute)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_key_that_a_document_names_is_in_the_report(check: Check) -> None:
    found, analyst = report("ad-burn"), Analyst("ad-burn", check.id)
    assert "value = " in check.document.recompute
    for table, field in re.findall(r"facts\.(\w+)(?:\[\]\.(\w+))?", check.document.recompute):
        rows = found["facts"][table]
        assert not field or field in rows[0], f"{table}.{field}"
    for key in named(check, r"evidence\.(\w+)"):
        assert key in analyst.finding["evidence"]
    if "compared_with" in check.document.recompute:
        assert analyst.finding["window"]["compared_with"]
