"""Newcomers: how much of today's team has been here for less than six months?"""

from __future__ import annotations

from merchant_check.checks.check import CannotTell, Check, Lever, Lines, Need
from merchant_check.checks.rules import ONE_PERSON_RULE, SMALL_TEAM_RULE
from merchant_check.checks.team.people import if_countable, weak_team
from merchant_check.checks.windows import common_span, values
from merchant_check.facts import TENURE_MONTHS, Facts, month_name
from merchant_check.report import Document, Measurement, Part, PartSpec, Quantity, Threshold, Window


def measure(facts: Facts, lines: Lines) -> Measurement:
    """The share of the team at L with under six months' tenure."""
    span = common_span(facts, "staffing")
    if facts.month(span.last).newcomers is None:
        raise CannotTell(f"needs the hires of {TENURE_MONTHS} months, or {TENURE_MONTHS + 1} months of headcount")
    (team,) = values(facts, "headcount", [span.last], "staffing")
    (new,) = values(facts, "newcomers", [span.last], "staffing")
    if not team:
        raise CannotTell(f"headcount is 0 in {month_name(span.last)}")
    one_fewer = if_countable(team, Part("share", min(1.0, max(0.0, new - 1) / max(1.0, team - 1))))
    months = range(span.last - TENURE_MONTHS + 1, span.last + 1)
    hires_known = all(facts.month(month).hires is not None for month in months)
    lower_bound = facts.team_source == "sheet" and not hires_known
    return Measurement(
        parts=(Part("share", min(1.0, new / team), with_one_person=one_fewer),),
        window=Window(months[0], months[-1]),
        summary=f"{'At least ' if lower_bound else ''}{{new}} of {{team}} joined in the last {TENURE_MONTHS} months.",
        evidence={"new": Quantity(new, "count"), "team": Quantity(team, "people")},
        weak=(
            *weak_team(facts, team, growth=False),
            *(("only the growth of headcount is known: add a hires column",) if lower_bound else ()),
        ),
    )


LEVERS = (
    Lever(
        *("share", "newcomers", "people"),
        text="{amount} through their first six months before anyone new joins",
        what="newcomers",
        does="fewer newcomers in a team as large",
        needed=lambda gap: Need(gap["new"] - gap.line * gap["team"], gap["new"]),
        less=True,
    ),
)


CHECK = Check(
    id="newcomers",
    subject="team",
    parts=(PartSpec("share", "newcomers", "share", Threshold(0.25, 0.50, "lower")),),
    measure=measure,
    levers=LEVERS,
    document=Document(
        title="Newcomers",
        question="How much of the team is still learning the job?",
        meaning="The figure is the part of today's team that joined in the last 6 months.",
        why="Newcomers need the time of those who know the work; when they are many, everyone slows down.",
        advice="Space out the next hires, and give each newcomer one person to learn from.",
        ahead="hiring is outrunning training",
        window="The end of the latest complete month, and the 6 months up to it.",
        traps=(
            "A shop that hires for the season every year is above the line every year.",
            "Where only headcount is given, whoever replaced a leaver does not show: the figure is then a lower bound "
            '("at least").',
        ),
        evidence=(
            SMALL_TEAM_RULE,
            ONE_PERSON_RULE,
            "From headcount alone, without hires: weak evidence.",
            "Without 6 months of hires or 7 months of headcount: unknown.",
        ),
        source="Larson, Productivity in the age of hypergrowth: the untrained come to outnumber the trained",
        strength="B",
        formula="people with under 6 months' tenure ÷ headcount, at the end of L (roster: exact; sheet: hires of the "
        "last 6 months; headcount alone: its growth, a lower bound)",
        recompute="value = facts.months[].newcomers ÷ facts.months[].headcount, both of the month window.to; 1 at "
        "most.",
        example="over-hired",
    ),
)
