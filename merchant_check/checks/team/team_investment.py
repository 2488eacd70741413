"""Team investment: do the people share in what they bring in, and are newcomers trained?"""

from __future__ import annotations

from dataclasses import replace

from merchant_check.checks.check import CannotTell, Check, Gap, Lever, Lines, Need, attempt
from merchant_check.checks.rules import LARGE_ORDER_RULE, ONE_PERSON_RULE, SMALL_TEAM_RULE, SURVIVORS_RULE, YEARS
from merchant_check.checks.team.newcomers import measure as measure_newcomers
from merchant_check.checks.team.people import average_headcount, if_countable, weak_team
from merchant_check.checks.windows import given, largest_order, team_inputs, total, year, years
from merchant_check.facts import Facts
from merchant_check.report import (
    Document,
    Measurement,
    Part,
    PartSpec,
    Quantity,
    Says,
    Status,
    Threshold,
    Window,
    exceeds,
)

RISEN = 0.10  # growth of net revenue per head up to which there is little to share
LITTLE_TO_SHARE = Part(
    "sharing",
    forced=Status.OK,
    missing=f"net revenue per person rose by no more than {RISEN:.0%}, so there is little to share",
)
MANY_NEWCOMERS = 0.25  # share of newcomers above which no training at all is a warning


def measure(facts: Facts, lines: Lines) -> Measurement:
    """Growth of pay per head against growth of net revenue per head; training where it is given."""
    training = (attempt("training", lambda: _training(facts)),) if _training_given(facts) else ()
    try:
        found = _sharing(facts)
    except CannotTell as why:
        if not any(part.forced for part in training):
            raise
        months = year(facts, "staffing")
        unknown = Part("sharing", missing=str(why))
        window = Window(months[0], months[-1])
        small = weak_team(facts, average_headcount(facts, months), growth=False)
        return Measurement((unknown, *training), window, "Whether pay follows results is unknown.", weak=small)
    return replace(found, parts=(*found.parts, *training))


def _sharing(facts: Facts) -> Measurement:
    months = years(facts, "orders", *team_inputs(facts, "payroll"))
    heads, heads_before = (average_headcount(facts, window) for window in (months.now, months.before))
    pay, pay_before = (_pay(facts, window) for window in (months.now, months.before))
    sales, sales_before = (total(facts, "net_revenue", window, "orders") for window in (months.now, months.before))
    if min(pay_before, sales_before) <= 0:
        raise CannotTell("no pay or no net revenue in the year before")
    pay_growth = (pay / heads) / (pay_before / heads_before) - 1

    def sales_growth(less: float = 0, less_before: float = 0, more_people: int = 0) -> float:
        return ((sales - less) / (heads + more_people)) / (max(sales_before - less_before, 1) / heads_before) - 1

    def part(growth: float) -> Part:
        return Part("sharing", pay_growth / growth) if exceeds(growth, RISEN) else LITTLE_TO_SHARE

    def found(less: float = 0, less_before: float = 0) -> Part:
        one_more = part(sales_growth(less, less_before, more_people=1))
        return replace(part(sales_growth(less, less_before)), with_one_person=if_countable(heads, one_more))

    largest, largest_before = (largest_order(facts, window) for window in (months.now, months.before))
    return Measurement(
        parts=(replace(found(), without_largest=(found(largest), found(0, largest_before))),),
        window=months.window,
        summary="In a year, pay per person changed by {pay_growth}, net revenue per person by {sales_growth}.",
        evidence={
            "pay_growth": Quantity(pay_growth, "change"),
            "sales_growth": Quantity(sales_growth(), "change"),
            "pay": Quantity(pay / heads / 12, "money"),
            "sales": Quantity(sales / heads / 12, "money"),
        },
        weak=weak_team(facts, min(heads, heads_before), growth=True),
    )


def _pay(facts: Facts, months: range) -> float:
    bonus = total(facts, "bonus", months, "staffing") if given(facts, "bonus") else 0
    return total(facts, "payroll", months, "staffing") + bonus


def _training_given(facts: Facts) -> bool:
    return given(facts, "training_hours") or given(facts, "training_spend")


def _training(facts: Facts) -> Part:
    """Training of the year per newcomer; none at all with many newcomers is a warning."""
    months = year(facts, "staffing")
    field = "training_hours" if given(facts, "training_hours") else "training_spend"
    trained = total(facts, field, months, "staffing")
    newcomers = measure_newcomers(facts, {})
    share = newcomers.parts[0].value or 0.0
    untrained = trained == 0 and exceeds(share, MANY_NEWCOMERS)
    return Part(
        "training",
        trained / max(1.0, newcomers.evidence["new"].value) if field == "training_hours" else None,
        forced=Status.WARNING if untrained else Status.OK,
        missing="no training in twelve months, while many of the team are newcomers" if untrained else None,
    )


def _raise(gap: Gap) -> Need:
    """What each person's monthly pay would have to be higher by."""
    fair = gap["pay"] / (1 + gap["pay_growth"]) * (1 + gap.line * gap["sales_growth"])
    return Need(fair - gap["pay"], gap["pay"])


LEVERS = (
    Lever(
        *("sharing", "pay", "money"),
        text="{amount} more pay a person and month",
        what="the pay",
        does="more pay for each person in each of the latest 12 months",
        needed=_raise,
    ),
    Lever(
        *("training", "training", "hours"),
        text="{amount} of training, for a start",
        what="the training",
        does="any training at all in the latest 12 months",
        needed=lambda gap: Need(1, 1),
    ),
)


CHECK = Check(
    id="team-investment",
    subject="team",
    parts=(
        PartSpec("sharing", "share of the gain paid out", "share", Threshold(1 / 3, None, "higher")),
        PartSpec(
            "training",
            "training per newcomer",
            "hours",
            Threshold(None, None, "higher"),
            Says(
                "hiring is outrunning training",
                "Without training, newcomers learn by trial and error, and customers feel the errors.",
                "Set aside paid hours in which each newcomer learns from someone who knows the work.",
            ),
        ),
    ),
    measure=measure,
    levers=LEVERS,
    document=Document(
        title="Team investment",
        question="Do the people share in what they bring in?",
        meaning="Where each person brings in clearly more than a year ago, the figure is how far pay has followed: at "
        "100% it rose as fast. Where training is given, it is asked whether newcomers get any.",
        why="People who bring in more each year and see none of it look for another job.",
        advice="Share a part of the gain: a bonus tied to results, or paid time to learn.",
        ahead="results are outrunning pay",
        window=YEARS,
        traps=(
            "Average pay also moves when a well-paid person leaves or beginners join, with nobody's pay changed.",
            "Net revenue is not profit: where only costs and prices rose, there may be little to share.",
        ),
        evidence=(
            "Net revenue per person up by no more than 10%: ok, as there is little to share.",
            SMALL_TEAM_RULE,
            ONE_PERSON_RULE,
            SURVIVORS_RULE,
            LARGE_ORDER_RULE,
            "No training in twelve months while more than 25% of the team are newcomers: a warning.",
            "Never critical.",
        ),
        source="training: ATD, 33.5 h and about 4% of payroll a year (B); profit sharing of 2.5-7.5% of pay (C)",
        strength="B",
        formula="growth of (payroll + bonus) per head ÷ growth of net revenue per head, Y against Y', where the latter "
        "exceeds 10%; training: hours in Y ÷ newcomers, a warning when 0 with newcomers > 25%",
        recompute="p = the sum of facts.months[].payroll and bonus from window.from to window.to ÷ the mean of "
        "headcount, q = the same over window.compared_with; s and t = the same with net_revenue. value = (p ÷ q − 1) ÷ "
        "(s ÷ t − 1), null where s ÷ t − 1 is 0.10 or less. Part training = the sum of training_hours ÷ the newcomers "
        "of the last month (1 at least).",
        example="over-hired",
    ),
)
