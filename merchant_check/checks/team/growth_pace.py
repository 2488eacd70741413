"""Growth pace: do orders grow faster than the people who have to serve them?"""

from __future__ import annotations

from merchant_check.checks.check import CannotTell, Check, Lever, Lines, Need
from merchant_check.checks.rules import (
    CHANCE_RULE,
    FEW_ORDERS,
    HALF_PERSON_RULE,
    HEADCOUNT_TRAPS,
    QUARTERS,
    SEASON_RULE,
    SMALL_TEAM_RULE,
    SURVIVORS_RULE,
)
from merchant_check.checks.team.people import average_headcount, if_countable, weak_team
from merchant_check.checks.windows import FEWEST_CASES, quarters, total
from merchant_check.facts import Facts
from merchant_check.report import Document, Measurement, Part, PartSpec, Quantity, Threshold
from merchant_check.stats import ratio_interval


def measure(facts: Facts, lines: Lines) -> Measurement:
    """Orders per team member, this quarter against the same quarter a year earlier."""
    quarter = quarters(facts, "orders", "staffing")
    now, before = (total(facts, "orders", months, "orders") for months in (quarter.now, quarter.before))
    if min(now, before) < FEWEST_CASES:
        raise CannotTell(f"fewer than {FEWEST_CASES} orders in a quarter ({now:.0f} and {before:.0f})")
    heads, heads_before = (average_headcount(facts, months) for months in (quarter.now, quarter.before))
    change = ratio_interval((now / before) / (heads / heads_before), now, before)
    more = Part("pace", (now / before) / ((heads + 0.5) / heads_before) - 1)  # a team is rounded to whole people
    return Measurement(
        parts=(
            Part("pace", change.value, change.low, change.high, change=True, with_one_person=if_countable(heads, more)),
        ),
        window=quarter.window,
        summary=f"{{load}} a person each month, {{load_before}} {quarter.words}.",
        evidence={
            "load": Quantity(now / heads / 3, "orders"),
            "load_before": Quantity(before / heads_before / 3, "count"),
            "orders": Quantity(now, "orders"),
            "orders_before": Quantity(before, "orders"),
            "headcount": Quantity(heads, "people"),
            "headcount_before": Quantity(heads_before, "people"),
        },
        weak=(*quarter.weak, *weak_team(facts, min(heads, heads_before), growth=True)),
    )


LEVERS = (
    Lever(
        *("pace", "people", "people"),
        text="{amount} more on the team",
        what="the team",
        does="more people in each of the latest 3 months",
        needed=lambda gap: Need(gap["headcount"] * ((1 + gap.value) / (1 + gap.line) - 1), gap["headcount"]),
    ),
    Lever(
        *("pace", "orders", "orders"),
        text="{amount} fewer a month",
        what="orders",
        does="fewer orders in each of the latest 3 months",
        needed=lambda gap: Need(gap["orders"] * (1 - (1 + gap.line) / (1 + gap.value)) / 3, gap["orders"] / 3),
        less=True,
    ),
)


CHECK = Check(
    id="growth-pace",
    subject="team",
    parts=(PartSpec("pace", "orders per person", "change", Threshold(0.25, 0.50, "lower")),),
    measure=measure,
    levers=LEVERS,
    document=Document(
        title="Growth pace",
        question="Do orders grow faster than the team that serves them?",
        meaning="Orders per person tell how much work falls on each one of the team. The figure is how much they have "
        "grown in a year.",
        why="More orders a person than a team is used to mean late parcels, slow answers and refunds soon after.",
        advice="Hire ahead of the next busy season, or slow the marketing until the team has caught up.",
        ahead="orders are outrunning the team",
        window=QUARTERS,
        traps=(
            *HEADCOUNT_TRAPS,
            "An order is an order, whatever work it takes: larger or more difficult orders do not show.",
            "A new tool or a shipping partner raises orders per person, too, with no more work for anyone.",
        ),
        evidence=(
            FEW_ORDERS,
            SEASON_RULE,
            SMALL_TEAM_RULE,
            HALF_PERSON_RULE,
            SURVIVORS_RULE,
            CHANCE_RULE,
        ),
        source="lines: our convention; firms that scale within 6-12 months of founding fail 20-40% more often "
        "(Lee & Kim 2024, Strategic Management Journal)",
        strength="A",
        formula="(orders in Q ÷ orders in Q') ÷ (average headcount in Q ÷ average headcount in Q') − 1",
        recompute="a = the sum of facts.months[].orders from window.from to window.to, b = the same over "
        "window.compared_with; h and k = the means of facts.months[].headcount over the same months. value = (a ÷ b) ÷ "
        "(h ÷ k) − 1; low and high = (value + 1) × exp(∓1.96 × √(1/a + 1/b)) − 1.",
        example="ad-burn",
    ),
)
