"""Peak dependence: does the year hang on a few weeks, and do the customers won then come back?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf

from merchant_check.checks.check import CannotTell, Check, Gap, Lever, Lines, Need, attempt
from merchant_check.checks.customers.buyers import refuse_sample, require_customers
from merchant_check.checks.customers.second_order import at_risk, probability
from merchant_check.checks.rules import LARGE_ORDER_RULE, SAMPLE_RULE, YEAR
from merchant_check.checks.windows import FEWEST_CASES, WEAK_SEASON, quarters, total, year
from merchant_check.facts import Day, Facts, SecondOrder, first_day, last_day, month_number
from merchant_check.report import Document, Measurement, Part, PartSpec, Quantity, Says, Status, Threshold, Window

FEWEST_ORDERS = 500  # in the year; fewer, and single orders make the peaks
SEASON_DAYS = 60
HORIZON = 180  # days within which customers of the best days are followed


def measure(facts: Facts, lines: Lines) -> Measurement:
    """The best 60 days and the best day ÷ the year, growth taken out; second orders of the best days' customers."""
    months = year(facts, "orders")
    orders = total(facts, "orders", months, "orders")
    if orders < FEWEST_ORDERS:
        raise CannotTell(f"fewer than {FEWEST_ORDERS} orders in twelve months ({orders:.0f})")
    if facts.has_customers:
        refuse_sample(facts, months)
    days = _days_of_year(facts)
    growth = _yearly_growth(facts)
    sales = _level(days, [day.net_revenue for day in days], growth or 1.0)
    if sum(sales) <= 0:
        raise CannotTell("net revenue is not above 0 in twelve months")
    largest = max(days, key=lambda day: day.largest_order)
    without = _level(
        days, [day.net_revenue - (day.largest_order if day is largest else 0) for day in days], growth or 1.0
    )
    more_than_one = sum(without) > 0
    other_seasons = (Part("season", _share(without, _best_run(without))),) if more_than_one else ()
    other_days = (Part("day", max(without) / sum(without)),) if more_than_one else ()
    best = max(range(len(sales)), key=sales.__getitem__)
    season = _best_run(sales)
    return Measurement(
        parts=(
            Part("season", _share(sales, season), without_largest=other_seasons),
            Part("day", sales[best] / sum(sales), without_largest=other_days),
            attempt("customers", lambda: _won_on_best_days(facts)),
        ),
        window=Window(months[0], months[-1]),
        summary=f"The best {SEASON_DAYS} days bring {{season}} of the year's sales (spread evenly: 16%), the best "
        "day {day}.",
        evidence={
            "season": Quantity(_share(sales, season), "share"),
            "day": Quantity(sales[best] / sum(sales), "share"),
            "orders": Quantity(orders, "orders"),
        },
        weak=() if growth else (WEAK_SEASON,),
    )


def _days_of_year(facts: Facts) -> Sequence[Day]:
    months = year(facts, "orders")
    start = (first_day(months[0]) - facts.totals.first_day).days
    return facts.days[max(0, start) : (last_day(months[-1]) - facts.totals.first_day).days + 1]


def _yearly_growth(facts: Facts) -> float | None:
    """Net revenue of Q against the same quarter a year earlier; None where there is none to compare."""
    try:
        quarter = quarters(facts, "orders")
    except CannotTell:
        return None
    now, before = (total(facts, "net_revenue", months, "orders") for months in (quarter.now, quarter.before))
    return now / before if quarter.season_removed and min(now, before) > 0 else None


def _level(days: Sequence[Day], sales: Sequence[float], growth: float) -> list[float]:
    """Daily sales with the year's growth taken out, so that a growing shop's last weeks are no peak."""
    return [amount / growth ** ((day.day - days[0].day).days / 365) for day, amount in zip(days, sales, strict=True)]


def _best_run(sales: Sequence[float], length: int = SEASON_DAYS) -> range:
    """The consecutive days, so many of them, with the highest sales."""
    run = sum(sales[:length])
    best, start = run, 0
    for index in range(1, len(sales) - length + 1):
        run += sales[index + length - 1] - sales[index - 1]
        if run > best:
            best, start = run, index
    return range(start, start + length)


def _share(sales: Sequence[float], run: range) -> float:
    return sum(sales[run.start : run.stop]) / sum(sales)


def _won_on_best_days(facts: Facts) -> Part:
    """Second orders within 180 days of customers won on the ten best days, minus those of the year's others."""
    newest = month_number(facts.as_of)
    require_customers(facts, range(newest - 11, newest + 1))
    tables = _tables(facts)
    if min(at_risk(table, HORIZON) for table in tables) < FEWEST_CASES:
        raise CannotTell(
            f"fewer than {FEWEST_CASES} customers of the best days, or others, were followed for {HORIZON} days"
        )
    peak, other = (probability(table, HORIZON) for table in tables)
    worse = peak.high < other.low
    return Part(
        "customers",
        peak.value - other.value,
        forced=Status.WARNING if worse else Status.OK,
        missing="customers won on the best days come back less often than the others" if worse else None,
    )


def _tables(facts: Facts) -> tuple[list[SecondOrder], list[SecondOrder]]:
    """Second orders of the customers of the best days, and of the others."""
    newest = month_number(facts.as_of)
    peak, other = (
        [row for row in facts.second_order if row.group == group and row.to == newest] for group in ("peak", "other")
    )
    return peak, other


def _more_off_peak(length: int) -> Callable[[Gap], Need]:
    """Net revenue a month, evenly over the days outside the best `length`, by which no such run is beyond the line.

    Each run gains with the days it holds outside the best one, so every run has to be looked at. Growth is taken
    as it is.
    """

    def needed(gap: Gap) -> Need:
        days, growth = _days_of_year(gap.facts), _yearly_growth(gap.facts) or 1.0
        sales = _level(days, [day.net_revenue for day in days], growth)
        best = _best_run(sales, length)
        outside = len(sales) - length
        more = 0.0  # a day, levelled
        for start in range(len(sales) - length + 1):
            above = sum(sales[start : start + length]) - gap.line * sum(sales)
            if above > 0:
                room = gap.line * outside - min(abs(start - best.start), length)
                more = max(more, above / room if room > 0 else inf)
        left = [index for index in range(len(days)) if index not in best]
        amount = more * sum(growth ** ((days[index].day - days[0].day).days / 365) for index in left)
        months = outside / 365 * 12
        return Need(amount / months, sum(days[index].net_revenue for index in left) / months)

    return needed


def _more_of_the_best_days(gap: Gap) -> Need:
    """Customers won on the best days who would have to come back, for the two intervals to meet."""
    peak, other = _tables(gap.facts)
    goal = probability(other, HORIZON).low
    followed = max(index for index, row in enumerate(peak) if row.gap <= HORIZON)
    still_out = peak[followed].at_risk - peak[followed].events

    def enough(more: int) -> bool:
        last = replace(peak[followed], events=peak[followed].events + more)
        return probability([*peak[:followed], last], HORIZON).high >= goal

    low, high = 0, still_out  # the intervals are apart without any, and meet with all of them
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    came_back = sum(row.events for row in peak[: followed + 1])
    return Need(high, came_back)


def _off_peak_lever(part: str, length: int, days: str) -> Lever:
    return Lever(
        *(part, "off-peak-revenue", "money"),
        text=f"{{amount}} more net revenue a month outside {days}",
        what="the net revenue of all other days",
        does=f"more net revenue, evenly over the year's days outside {days}",
        needed=_more_off_peak(length),
    )


LEVERS = (
    _off_peak_lever("season", SEASON_DAYS, f"the best {SEASON_DAYS} days"),
    _off_peak_lever("day", 1, "the best day"),
    Lever(
        *("customers", "second-orders", "customers"),
        text="{amount} more of those won on the best days who order again",
        what="those who order again",
        does="more of the customers won on the ten best days who order again within 180 days",
        needed=_more_of_the_best_days,
    ),
)


CHECK = Check(
    id="peak-dependence",
    subject="customers",
    parts=(
        PartSpec("season", f"best {SEASON_DAYS} days", "share", Threshold(0.25, 0.35, "lower")),
        PartSpec("day", "best day", "share", Threshold(0.10, None, "lower")),
        PartSpec(
            "customers",
            "customers of the best days",
            "points",
            Threshold(None, None, "higher"),
            Says(
                "the best days win customers who do not return",
                "Customers who came for a deal often leave with it, and cost more than they bring.",
                "Follow up the customers of the best days with a reason to order again at full price.",
            ),
        ),
    ),
    measure=measure,
    levers=LEVERS,
    document=Document(
        title="Peak dependence",
        question="Does the year hang on a few weeks?",
        meaning="The figure is the part of a year's sales that its best 60 days in a row bring. If all days were alike "
        "it would be 16%.",
        why="A year that hangs on a few weeks is lost with one bad week; bargain hunters seldom return.",
        advice="Plan stock and people for the peak without keeping them all year; follow up customers won then.",
        ahead="the year hangs on a few weeks",
        window=f"{YEAR} The shop's own growth over the year is taken out, so that the last weeks are no peak.",
        traps=(
            "A season that comes every year is no trouble by itself: the question is whether the shop is ready for it.",
            "A season that is cut in two where the twelve months begin counts for less than it is.",
        ),
        evidence=(
            "Fewer than 500 orders in twelve months: unknown.",
            "Without the same three months of a year earlier, growth is not taken out: weak evidence.",
            "Customers of the ten best days: a warning where they clearly come back less often than the others.",
            "That needs 30 of them, and 30 others, watched for 180 days.",
            LARGE_ORDER_RULE,
            SAMPLE_RULE,
        ),
        source="evenly spread, 60 days are 16.4%; Nov-Dec bring about 19% of US retail, gifts about 30% (NRF); "
        "discount-won customers are worth half (Lewis 2006); 19.9% of deal buyers returned at full price "
        "(Dholakia 2011)",
        strength="A",
        formula="best 60 consecutive days ÷ Y and best day ÷ Y by net revenue, each day divided by "
        "growth^(days/365); second-order probability within 180 days of customers won on the ten best days minus that "
        "of the others, a warning when lower with intervals apart. Needs 500 orders in Y",
        recompute="g = the sum of facts.months[].net_revenue of the three months to window.to ÷ that of the same "
        "months a year earlier (1 with fewer than 15 complete months). Divide facts.days[].net_revenue of each day of "
        "the window by g^(i ÷ 365), i being the days since its first. value = the largest sum over 60 days in a row ÷ "
        "the sum of all; part day = the largest day ÷ the sum of all. Part customers: as second-order, groups peak "
        "and other of facts.second_order, gap up to 180.",
        example="over-hired",
    ),
)
