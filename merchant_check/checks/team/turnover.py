"""Turnover: how many of the team left within a year?"""

from __future__ import annotations

from merchant_check.checks.check import CannotTell, Check, Lines
from merchant_check.checks.team.people import average_headcount, if_countable, weak_team
from merchant_check.checks.windows import given, total, values, year
from merchant_check.facts import Facts
from merchant_check.report import Document, Measurement, Part, PartSpec, Quantity, Threshold, Window


def measure(facts: Facts, lines: Lines) -> Measurement:
    """Leavers of the year ÷ its average headcount."""
    months = year(facts, "staffing")
    leavers = _leavers(facts, months)
    heads = average_headcount(facts, months)
    one_fewer = Part("share", max(0.0, leavers - 1) / heads)
    return Measurement(
        parts=(Part("share", leavers / heads, with_one_person=if_countable(heads, one_fewer)),),
        window=Window(months[0], months[-1]),
        summary="{leavers} left in twelve months, from a team of {headcount} on average.",
        evidence={"leavers": Quantity(leavers, "people"), "headcount": Quantity(heads, "count")},
        weak=weak_team(facts, heads, growth=False),
    )


def _leavers(facts: Facts, months: range) -> float:
    """As given; else hires minus the growth of headcount."""
    if given(facts, "leavers"):
        return total(facts, "leavers", months, "staffing")
    if facts.team_source == "survivors":
        raise CannotTell("no one has an end date: add the column end to the roster")
    if not given(facts, "hires"):
        raise CannotTell("no leavers given: add the column leavers to the staffing file")
    counts = values(facts, "headcount", range(months[0] - 1, months[-1] + 1), "staffing")
    return max(0.0, total(facts, "hires", months, "staffing") - (counts[-1] - counts[0]))


CHECK = Check(
    id="turnover",
    subject="team",
    parts=(PartSpec("share", "leavers a year", "share", Threshold(0.30, None, "lower")),),
    measure=measure,
    document=Document(
        title="Turnover",
        question="Do people stay?",
        formula="leavers in Y ÷ average headcount of Y",
        why="Whoever leaves takes knowledge along, and the next one has to be found and trained.",
        advice="Ask those who left why; look at pay, hours and who leads them before hiring again.",
        ahead="people leave faster than the team can learn",
        source="retail has about 60% a year (NRF, via vendors: C); the effect on results is real but small "
        "(Park & Shaw 2013, ρ = −.15)",
        strength="A",
    ),
)
