"""What the team checks share: average headcounts, and when headcount is weak evidence."""

from __future__ import annotations

from collections.abc import Sequence

from merchant_check.checks.check import CannotTell
from merchant_check.checks.windows import mean, values
from merchant_check.facts import Facts, month_name
from merchant_check.report import Part

SMALL_TEAM = 5  # below, one person more or less moves every figure too much
COUNTABLE_TEAM = 20  # below, one person more or less is more than 5 %: what that alone would mend is no finding


def average_headcount(facts: Facts, months: Sequence[int]) -> float:
    """The mean of the month-end headcounts; raises where a month has none or nobody."""
    counts = values(facts, "headcount", months, "staffing")
    if not all(counts):
        raise CannotTell(f"headcount is 0 in {month_name(months[counts.index(0)])}, so nothing can be told per person")
    return mean(facts, "headcount", months, "staffing")


def if_countable(headcount: float, with_one_person: Part) -> tuple[Part, ...]:
    """The figure with one person more or fewer, where one person is much of the team (see Part.with_one_person)."""
    return (with_one_person,) if headcount < COUNTABLE_TEAM else ()


def weak_team(facts: Facts, headcount: float, *, growth: bool) -> tuple[str, ...]:
    """Why this headcount (and its growth, where the check compares it) says little."""
    found = []
    if headcount < SMALL_TEAM:
        found.append(f"under {SMALL_TEAM} people")
    if growth and facts.team_source == "survivors":
        found.append("the roster has no end dates, so it shows only those who stayed")
    return tuple(found)
