"""Locations: are new sites opened faster than people are hired to run them?"""

from __future__ import annotations

from merchant_check.checks.check import CannotTell, Check, Lines
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
        summary="From {sites_before} to {sites} in a year, with {heads_before} and then {heads}."
        if sites > sites_before
        else "{sites}, no more than a year earlier.",
        evidence={
            "sites": Quantity(sites, "locations"),
            "sites_before": Quantity(sites_before, "count"),
            "heads": Quantity(heads, "people"),
            "heads_before": Quantity(heads_before, "people"),
        },
        weak=(*few, *weak_team(facts, min(heads, heads_before), growth=True)),
    )


CHECK = Check(
    id="locations",
    subject="team",
    parts=(PartSpec("pace", "locations per person", "change", Threshold(0.0, 0.50, "lower")),),
    measure=measure,
    document=Document(
        title="Locations",
        question="Are sites opened faster than people are hired to run them?",
        formula="(locations at L ÷ a year before) ÷ (headcount at L ÷ a year before) − 1, where locations grew",
        why="A site without enough people earns less than it costs, and draws the others' people away.",
        advice="Open no further site before each one that is open has its team and covers its own cost.",
        ahead="new locations are outrunning the team",
        source="cases: Lashou opened in 100+ cities in a year, Gaopeng's Tianjin site earned 0.1-0.25 of its cost",
        strength="-",
    ),
)
