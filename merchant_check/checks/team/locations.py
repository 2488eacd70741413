"""Locations: are new sites opened faster than people are hired to run them?"""

from __future__ import annotations

from merchant_check.checks.check import CannotTell, Check, Gap, Lever, Lines, Need
from merchant_check.checks.rules import HEADCOUNT_TRAPS, SMALL_TEAM_RULE, SURVIVORS_RULE
from merchant_check.checks.team.people import average_headcount, if_countable, weak_team
from merchant_check.checks.windows import team_inputs, values, year_earlier
from merchant_check.facts import Facts
from merchant_check.report import Cap, Document, Measurement, Part, PartSpec, Quantity, Status, Threshold, Window

FEW_LOCATIONS = 5


def measure(facts: Facts, lines: Lines) -> Measurement:
    """Locations factor ÷ headcount factor − 1, L against a year before, where locations grew."""
    last, earlier = year_earlier(facts, *team_inputs(facts, "locations"))
    sites, sites_before = values(facts, "locations", [last, earlier], "staffing")
    heads, heads_before = (average_headcount(facts, [month]) for month in (last, earlier))
    if not sites_before:
        raise CannotTell("there were no locations a year earlier")
    no_more = Cap(Status.OK, "the number of locations did not grow")
    few = (f"under {FEW_LOCATIONS} locations",) if sites < FEW_LOCATIONS else ()
    return Measurement(
        parts=(
            Part(
                "pace",
                (sites / sites_before) / (heads / heads_before) - 1,
                caps=() if sites > sites_before else (no_more,),
                with_one_person=if_countable(
                    sites, Part("pace", ((sites - 1) / sites_before) / (heads / heads_before) - 1)
                ),
            ),
        ),
        window=Window(last, last, earlier, earlier),
        summary="From {sites_before} to {sites} in a year, while the team went from {heads_before} to {heads}."
        if sites > sites_before
        else "{sites}, no more than a year earlier.",
        evidence={
            "sites": Quantity(sites, "locations"),
            "sites_before": Quantity(sites_before, "count"),
            "heads": Quantity(heads, "people"),
            "heads_before": Quantity(heads_before, "count"),
        },
        weak=(*few, *weak_team(facts, min(heads, heads_before), growth=True)),
    )


def _sites_less(gap: Gap) -> Need:
    """Down to what the team can run, but no lower than a year ago: then they have not grown."""
    carried = gap["sites_before"] * gap["heads"] / gap["heads_before"] * (1 + gap.line)
    return Need(gap["sites"] - max(carried, gap["sites_before"]), gap["sites"])


LEVERS = (
    Lever(
        *("pace", "locations", "locations"),
        text="{amount} fewer",
        what="locations",
        does="fewer locations in the latest complete month",
        needed=_sites_less,
        less=True,
    ),
    Lever(
        *("pace", "people", "people"),
        text="{amount} more on the team",
        what="the team",
        does="more people in the latest complete month",
        needed=lambda gap: Need(gap["heads"] * ((1 + gap.value) / (1 + gap.line) - 1), gap["heads"]),
    ),
)


CHECK = Check(
    id="locations",
    subject="team",
    parts=(PartSpec("pace", "locations per person", "change", Threshold(0.0, 0.50, "lower")),),
    measure=measure,
    levers=LEVERS,
    document=Document(
        title="Locations",
        question="Are sites opened faster than people are hired to run them?",
        meaning="The figure compares how much the number of sites has grown in a year with how much the team has "
        "grown. Above 0%, there are fewer people for each site than before.",
        why="A site without enough people earns less than it costs, and draws the others' people away.",
        advice="Open no further site before each one that is open has its team and covers its own cost.",
        ahead="new locations are outrunning the team",
        window="The end of the latest complete month, against the same month a year earlier.",
        traps=(
            *HEADCOUNT_TRAPS,
            "Pick-up points and machines that need few people look like sites without a team.",
            "Every site counts the same, a kiosk like a warehouse.",
        ),
        evidence=(
            "Under 5 locations: weak evidence.",
            "No more locations than a year earlier: ok.",
            "Under 20 locations: as good as one location fewer would make it.",
            SMALL_TEAM_RULE,
            SURVIVORS_RULE,
        ),
        source="Lashou sold in 184 cities and towns before its IPO failed, Gaopeng's site in "
        "Tianjin earned 80-100 thousand yuan a month and cost 400-700 (benchmarks/backtest/figures.csv)",
        strength="-",
        formula="(locations at L ÷ a year before) ÷ (headcount at L ÷ a year before) − 1, where locations grew",
        recompute="value = (facts.months[].locations of the month window.to ÷ those of window.compared_with.to) ÷ "
        "(facts.months[].headcount of the same two months) − 1.",
        example="over-hired",
    ),
)
