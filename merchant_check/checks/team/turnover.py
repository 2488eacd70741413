"""Turnover: how many of the team left within a year?"""

from __future__ import annotations

from merchant_check.checks.check import CannotTell, Check, Lever, Lines, Need
from merchant_check.checks.rules import ONE_PERSON_RULE, SMALL_TEAM_RULE, YEAR
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


LEVERS = (
    Lever(
        *("share", "leavers", "people"),
        text="{amount} fewer leaving in twelve months",
        what="leavers",
        does="fewer leavers in the latest 12 months, from a team as large",
        needed=lambda gap: Need(gap["leavers"] - gap.line * gap["headcount"], gap["leavers"]),
        less=True,
    ),
)


CHECK = Check(
    id="turnover",
    subject="team",
    parts=(PartSpec("share", "leavers a year", "share", Threshold(0.30, None, "lower")),),
    measure=measure,
    levers=LEVERS,
    document=Document(
        title="Turnover",
        question="Do people stay?",
        meaning="The figure compares those who left within twelve months with the size of the team: at 30%, three left "
        "for every ten in the team.",
        why="Whoever leaves takes knowledge along, and the next one has to be found and trained.",
        advice="Ask those who left why; look at pay, hours and who leads them before hiring again.",
        ahead="people leave faster than the team can learn",
        window=YEAR,
        traps=(
            "Helpers hired for one season count as leavers when it ends.",
            "It counts how many left, not who: one person with rare knowledge can matter more than three others.",
            "A roster that drops those who left makes everyone seem to stay.",
        ),
        evidence=(
            SMALL_TEAM_RULE,
            ONE_PERSON_RULE,
            "A roster in which no one has an end date: unknown.",
            "Never critical: the effect on results is real but small.",
        ),
        source="retail has about 60% a year (NRF, via vendors: C); the effect on results is real but small "
        "(Park & Shaw 2013, ρ = −.15)",
        strength="A",
        formula="leavers in Y ÷ average headcount of Y; where leavers are not given: hires in Y − growth of headcount "
        "over Y, 0 at least",
        recompute="value = the sum of facts.months[].leavers from window.from to window.to ÷ the mean of "
        "facts.months[].headcount over the same months. Where leavers are null: the sum of hires − (headcount of "
        "window.to − headcount of the month before window.from).",
        example="over-hired",
    ),
)
