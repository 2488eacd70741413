"""The model of a shop: its parameters, its daily demand, and the closed forms of its customers' behaviour.

Customers follow the Beta-Geometric/NBD model (Fader, Hardie & Lee 2005, "Counting Your Customers the Easy Way",
Marketing Science 24): each orders at a rate of his own (Gamma over customers) and leaves for good after a repeat order
with a probability of his own (Beta over customers). The rate is one of *season time*: days count for as much as the
season makes of them, so that a November sells more to old and new customers alike. The clock starts on the day after
the first order, so that every further order lies on a later day.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate

NODES = 48  # of the integral over the probability of leaving
STEP = 4.0  # days of season time between two entries of the table of expected orders


@dataclass(frozen=True)
class Loyalty:
    """BG/NBD: rate ~ Gamma(r, scale 1 / alpha) a day, probability to leave after a repeat order ~ Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float

    def again(self, days: float) -> float:
        """The probability of a second order within so many days of season time."""
        return 1 - math.pow(self.alpha / (self.alpha + days), self.r)

    def repeats(self, days: float) -> float:
        """The expected number of repeat orders within so many days of season time.

        For a customer of rate l and leaving probability p it is (1 - exp(-l p t)) / p; over l that is
        (1 - (alpha / (alpha + p t))^r) / p; over p it is integrated by the midpoint rule in y = p^a, in which the
        Beta density has no pole.
        """
        if days <= 0:
            return 0.0
        scale = math.exp(math.lgamma(self.a + self.b) - math.lgamma(self.a + 1) - math.lgamma(self.b))
        found = 0.0
        for node in range(NODES):
            p = ((node + 0.5) / NODES) ** (1 / self.a)
            found += (1 - p) ** (self.b - 1) * (1 - (self.alpha / (self.alpha + p * days)) ** self.r) / p
        return scale * found / NODES

    @classmethod
    def returning(cls, share: float, r: float, leaving: float, certainty: float) -> Loyalty:
        """Customers of whom `share` order again within 365 days, and `leaving` go after a repeat order on average."""
        left = (1 - share) ** (1 / r)
        return cls(r, 365 * left / (1 - left), leaving * certainty, (1 - leaving) * certainty)


@dataclass(frozen=True)
class Team:
    """`share`: pay as a share of sales at the start; `turnover`: leavers a year; `each`: sales a month that a head
    carries; `raise_`: growth of the pay of each a year; `site`: people who make up a location."""

    share: float
    turnover: float
    each: float
    raise_: float
    site: int


@dataclass(frozen=True)
class Money:
    """Shares of sales: margin, marketing, profit (overhead is what is left); days of stock; `reserve`: cash in
    hand a year before as_of, in months of sales."""

    margin: float
    marketing: float
    profit: float
    stock_days: float
    reserve: float


@dataclass(frozen=True)
class Trouble:
    """What goes wrong from the month `since` on (a month number); `size` is its strength, see simulate.py."""

    kind: str
    since: int
    size: float


@dataclass(frozen=True)
class Model:
    """All parameters of one shop."""

    seed: int
    category: str
    opened: date
    as_of: date
    orders_a_year: float
    growth: float  # factor a year of the arrivals of new customers
    season: tuple[float, ...]  # of the twelve months, before it is brought to a mean of 1
    wobble: float  # standard deviation of what each month's arrivals deviate by, in logs
    loyalty: Loyalty
    basket: float
    spread: float  # standard deviation of the logs of the amounts
    bulk: float  # share of orders that are 10 to 30 times as large
    refunds: float
    guests: float
    team: Team
    money: Money
    trouble: Trouble | None = None

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Every day from the opening to as_of."""
        return tuple(self.opened + timedelta(days=n) for n in range((self.as_of - self.opened).days + 1))

    def index(self, day: date) -> int:
        return (day - self.opened).days

    @cached_property
    def factors(self) -> tuple[float, ...]:
        """What the season makes of each day; 1 on average."""
        mean = sum(self.season) / 12
        return tuple(self.season[day.month - 1] / mean for day in self.days)

    @cached_property
    def clock(self) -> tuple[float, ...]:
        """The season time at the end of each day."""
        return tuple(accumulate(self.factors))

    @cached_property
    def level(self) -> tuple[float, ...]:
        """Arrivals a day without the season, up to a constant: growth, and each month's own deviation."""
        rng = random.Random(f"{self.seed} wobble")
        months = {month_of(day): 0.0 for day in self.days}
        off = {month: math.exp(rng.gauss(0, self.wobble)) for month in months}
        return tuple(self.growth ** (n / 365) * off[month_of(day)] for n, day in enumerate(self.days))

    @cached_property
    def repeats_by_age(self) -> tuple[float, ...]:
        """Expected repeat orders at ages of 0, STEP, 2 STEP, … days of season time."""
        return tuple(self.loyalty.repeats(STEP * n) for n in range(math.ceil(self.clock[-1] / STEP) + 2))

    def repeats(self, days: float) -> float:
        """Loyalty.repeats from the table, straight lines between."""
        if days <= 0:
            return 0.0
        n = int(days / STEP)
        low, high = self.repeats_by_age[n : n + 2]
        return low + (high - low) * (days / STEP - n)

    @cached_property
    def arrivals(self) -> tuple[float, ...]:
        """Expected new customers of each day, scaled to `orders_a_year` in the last 365 days without any trouble."""
        shape = [level * factor for level, factor in zip(self.level, self.factors, strict=True)]
        first = max(0, len(shape) - 365)
        repeat = self._repeats_between(shape, first, len(shape) - 1)
        scale = self.orders_a_year * (len(shape) - first) / 365 / (sum(shape[first:]) + repeat)
        return tuple(scale * value for value in shape)

    def _repeats_between(self, arrivals: list[float], first: int, last: int) -> float:
        """Expected repeat orders from day `first` to day `last`."""
        start, end = (self.clock[first - 1] if first else 0.0), self.clock[last]
        return sum(
            new * (self.repeats(end - since) - self.repeats(start - since))
            for new, since in zip(arrivals[: last + 1], self.clock, strict=False)
        )

    @cached_property
    def expected_orders(self) -> dict[int, float]:
        """The expected orders of each month with the season taken out, whatever day of the month it ends on."""
        new: dict[int, float] = {}
        ends: dict[int, float] = {}
        for n, day in enumerate(self.days):
            new[month_of(day)] = new.get(month_of(day), 0.0) + self.arrivals[n]
            ends[month_of(day)] = self.clock[n]
        found, starts = {}, {month: ends.get(month - 1, 0.0) for month in ends}
        for month, won in new.items():
            repeat = sum(
                count * (self.repeats(ends[month] - ends[first]) - self.repeats(starts[month] - ends[first]))
                for first, count in new.items()
                if first <= month
            )
            found[month] = (won + repeat) / (ends[month] - starts[month]) * 365 / 12
        return found

    def repeat_share(self, first: date, last: date) -> float:
        """The expected repeat orders of a window ÷ its expected orders (a shop without trouble)."""
        begin, end = self.index(first), self.index(last)
        repeat = self._repeats_between(list(self.arrivals), begin, end)
        return repeat / (repeat + sum(self.arrivals[begin : end + 1]))

    def second_order(self, first: date, last: date, horizon: int) -> float:
        """The probability that a customer who is won between the two days orders again within `horizon` days.

        The season goes on for ever: what lies beyond as_of is counted by the same months' factors.
        """
        begin, end = max(0, self.index(first)), self.index(last)
        weights = self.arrivals[begin : end + 1]
        chances = [
            self.loyalty.again(_season_time(self.season, self.days[n], horizon)) * self.arrivals[n]
            for n in range(begin, end + 1)
        ]
        return sum(chances) / sum(weights)

    def after(self, clock: float) -> int:
        """The day on which the season time reaches `clock`."""
        return bisect_left(self.clock, clock)

    @cached_property
    def best_60_days(self) -> float:
        """The largest share of a year's season time that 60 days in a row hold."""
        mean = sum(self.season) / 12
        year = [self.season[(date(2023, 1, 1) + timedelta(days=n)).month - 1] / mean for n in range(365)]
        return max(sum((year + year)[n : n + 60]) for n in range(365)) / sum(year)


def _season_time(season: tuple[float, ...], day: date, horizon: int) -> float:
    mean = sum(season) / 12
    found, done = 0.0, 0
    at = day + timedelta(days=1)
    while done < horizon:
        following = (at.replace(day=1) + timedelta(days=32)).replace(day=1)
        part = min((following - at).days, horizon - done)
        found += part * season[at.month - 1] / mean
        done += part
        at = following
    return found


def repeat_days(model: Model, loyalty: Loyalty, day: int, rng: random.Random) -> list[int]:
    """The days of a customer's repeat orders, drawn from the model."""
    rate, leaving = rng.gammavariate(loyalty.r, 1 / loyalty.alpha), rng.betavariate(loyalty.a, loyalty.b)
    clock, end = model.clock[day], model.clock[-1]
    found: list[int] = []
    while rate > 0:
        clock += rng.expovariate(rate)
        if clock > end:
            break
        found.append(model.after(clock))
        if rng.random() < leaving:
            break
    return found


def month_of(day: date) -> int:
    """The number of a day's month: year * 12 + month - 1."""
    return day.year * 12 + day.month - 1
