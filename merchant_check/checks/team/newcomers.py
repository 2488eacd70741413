"""Newcomers: how much of today's team has been here for less than six months?"""

from __future__ import annotations

from merchant_check.checks.check import CannotTell, Check, Lines
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


CHECK = Check(
    id="newcomers",
    subject="team",
    parts=(PartSpec("share", "newcomers", "share", Threshold(0.25, 0.50, "lower")),),
    measure=measure,
    document=Document(
        title="Newcomers",
        question="How much of the team is still learning the job?",
        formula="people with under 6 months' tenure ÷ headcount, at the end of L (roster: exact; sheet: hires of the "
        "last 6 months; headcount alone: its growth, a lower bound)",
        why="Newcomers need the time of those who know the work; when they are many, everyone slows down.",
        advice="Space out the next hires, and give each newcomer one person to learn from.",
        ahead="hiring is outrunning training",
        source="Larson, Productivity in the age of hypergrowth: the untrained come to outnumber the trained",
        strength="B",
    ),
)
