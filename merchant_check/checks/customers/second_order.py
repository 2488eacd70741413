"""Second order: how likely is a new customer to come back within a year?"""

from __future__ import annotations

from datetime import timedelta

from merchant_check.checks.check import CannotTell, Check, Gap, Lever, Lines, Need
from merchant_check.checks.customers.buyers import require_customers, spare_young_shop
from merchant_check.checks.rules import FEW_CASES_RULE, GUESTS_RULE, INTERVAL_RULE, SAMPLE_RULE, YOUNG_RULE
from merchant_check.checks.windows import FEWEST_CASES, common_span, refuse_gap, total
from merchant_check.facts import FOLLOWED_MONTHS, HORIZONS, Facts, SecondOrder, month_number, months_before
from merchant_check.report import Document, Measurement, Part, PartSpec, Quantity, Threshold, Window
from merchant_check.stats import Estimate, kaplan_meier

SCALES = {365: (1.0, 1.0), 180: (0.8, 0.75), 90: (0.57, 0.5)}
"""What a year's warning and critical line are multiplied by, for each of HORIZONS."""


def measure(facts: Facts, lines: Lines) -> Measurement:
    """The Kaplan-Meier probability of a second order day, at the longest horizon that enough customers reached."""
    newest = month_number(facts.as_of)
    months = followed(facts)
    refuse_gap(facts, months)
    require_customers(facts, months)
    table = [row for row in facts.second_order if row.group == "all" and row.to == newest]
    reached = [days for days in HORIZONS if at_risk(table, days) >= FEWEST_CASES]
    if not reached:
        raise CannotTell(
            f"fewer than {FEWEST_CASES} new customers were followed for {HORIZONS[-1]} days without a second order"
        )
    days = reached[0]
    warning, critical = SCALES[days]
    found = probability(table, days)
    line = lines["probability"]
    threshold = Threshold(_scaled(line.warning, warning), _scaled(line.critical, critical), line.better)
    return Measurement(
        parts=(
            Part(
                "probability",
                found.value,
                found.low,
                found.high,
                threshold=threshold,
                caps=spare_young_shop(facts),
            ),
        ),
        window=Window(months[0], months[-1]),
        summary="{probability} of new customers order again within {horizon}; {followed} were followed that long "
        "without a second order.",
        evidence={
            "probability": Quantity(found.value, "share"),
            "horizon": Quantity(days, "days"),
            "followed": Quantity(at_risk(table, days), "count"),
        },
    )


def followed(facts: Facts) -> range:
    """The complete months whose new customers are followed."""
    span = common_span(facts, "orders")
    followed_from = month_number(months_before(facts.as_of, FOLLOWED_MONTHS) + timedelta(days=1))
    return range(max(span.first, followed_from), span.last + 1)


def at_risk(table: list[SecondOrder], days: int) -> int:
    """How many customers were followed at least so many days without a second order before."""
    return next((row.at_risk for row in table if row.gap == days), 0)


def probability(table: list[SecondOrder], days: int) -> Estimate:
    """The probability of a second order day within `days`, with its interval."""
    return kaplan_meier(((row.gap, row.at_risk, row.events) for row in table), days)


def _scaled(line: float | None, factor: float) -> float | None:
    return None if line is None else round(line * factor, 4)


def _lines(warning: float, critical: float) -> Threshold:
    return Threshold(warning, critical, "higher")


def _more_second_orders(gap: Gap) -> Need:
    """The new customers of an average month of the window, times the probability that is missing."""
    window = followed(gap.facts)
    new = total(gap.facts, "new_customers", window, "orders") / len(window)
    return Need(new * (gap.line - gap.value), new * gap.value)


LEVERS = (
    Lever(
        *("probability", "second-orders", "customers"),
        text="{amount} more of each month's new ones who order again",
        what="those who order again",
        does="more of the new customers of each month who order again in time",
        needed=_more_second_orders,
    ),
)


CHECK = Check(
    id="second-order",
    subject="customers",
    parts=(
        PartSpec(
            "probability",
            "new customers who order again",
            "share",
            {
                "general": _lines(0.30, 0.20),
                "consumables": _lines(0.40, 0.25),
                "fashion": _lines(0.25, 0.15),
                "durables": _lines(0.12, 0.08),
            },
        ),
    ),
    measure=measure,
    levers=LEVERS,
    document=Document(
        title="Second order",
        question="How likely is a new customer to come back?",
        meaning="The figure is how many of 100 new customers order again on another day within a year. Those who came "
        "too recently to know count only for as long as they could be watched.",
        why="The second order is the hardest to win: whoever makes it usually stays.",
        advice="Follow up the first order: ask how it went, show what goes with it, give a reason to return.",
        ahead="too few customers come back",
        window="Customers who first ordered in the last 24 months, watched up to the last day of the data.",
        traps=(
            "Two orders on the same day are one visit, not a return.",
            "Goods that last for years bring few second orders: set merchant.category to what you sell.",
            "Where the export starts late, old customers look new and flatter the figure.",
        ),
        evidence=(
            "Unless the file reaches back to merchant.opened, customers first seen in its first 6 months are left out.",
            "The longest of 365, 180 and 90 days counts that 30 customers were watched for; fewer: unknown.",
            GUESTS_RULE,
            SAMPLE_RULE,
            YOUNG_RULE,
            INTERVAL_RULE,
            FEW_CASES_RULE,
        ),
        source="32% in year one over 176 retailers and 18 m customers (RJMetrics, C); method: Kaplan & Meier 1958 (A)",
        strength="C",
        formula="Kaplan-Meier probability that a customer first seen in the last 24 months orders on a later day "
        "within 365 days (180 or 90 where fewer than 30 were followed that long; lines × 0.8/0.75 and × 0.57/0.5), "
        "censored at as_of; with incomplete history without those first seen in the file's first 6 months",
        recompute="Of facts.second_order take the rows with group all and gap up to evidence.horizon. s = the product "
        "of (1 − events ÷ at_risk), value = 1 − s. v = the sum of events ÷ (at_risk × (at_risk − events)), "
        "c = 1.96 × √v ÷ |ln s|: low = 1 − s^exp(−c), high = 1 − s^exp(c).",
        example="ad-burn",
    ),
)
