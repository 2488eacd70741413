"""Random shops: healthy ones of every kind, and ones whose customers return well or badly, to measure estimates on.

A healthy shop, by its parameters alone: arrivals grow by 0 to 30 % a year, the team follows the expected sales, 3 to
12 % of sales are profit, the cash of 2 to 6 months of sales is in hand; and what its customers do is comfortably above
the lines in truth (see `comfortable`).
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from benchmarks.validation.model import Loyalty, Model, Money, Team, month_of, repeat_days
from merchant_check.checks import find
from merchant_check.facts import first_day, last_day, months_before

CATEGORIES = ("general", "consumables", "fashion", "durables")
LATEST = date(2026, 10, 31)
TWINS = 4000  # customers drawn for the truths without a closed form


def season(rng: random.Random, peak: float) -> tuple[float, ...]:
    """Months that differ by about 10 %, and a November (half as strong a December) that stands out by `peak`."""
    months = [math.exp(rng.gauss(0, 0.1)) for _ in range(12)]
    months[10] *= peak
    months[11] *= 1 + (peak - 1) / 2
    return tuple(months)


def _model(rng: random.Random, seed: int, size: tuple[float, float], growth: float, years: float, loyalty: Loyalty,
           category: str) -> Model:  # fmt: skip
    as_of = LATEST - timedelta(days=rng.randrange(365))
    if rng.random() < 0.7:  # most owners export at the end of a month
        as_of = last_day(month_of(as_of))
    margin, pay = rng.uniform(0.45, 0.6), rng.uniform(0.10, 0.16)
    low, high = size
    basket = math.exp(rng.uniform(math.log(20), math.log(200)))
    bulk = rng.uniform(0.005, 0.02) if rng.random() < 0.15 else 0.0  # business customers
    return Model(
        seed=seed,
        category=category,
        opened=as_of - timedelta(days=round(365 * years)),
        as_of=as_of,
        orders_a_year=math.exp(rng.uniform(math.log(low), math.log(high))),
        growth=growth,
        season=season(rng, rng.choice((1.0, 1.0, rng.uniform(1, 2), rng.uniform(2, 3)))),
        wobble=rng.uniform(0, 0.08),
        loyalty=loyalty,
        basket=basket,
        spread=rng.uniform(0.3, 0.9),
        bulk=bulk,
        refunds=rng.uniform(0, 0.08),
        guests=rng.choice((0.0, rng.uniform(0, 0.1))),
        team=Team(
            pay, rng.uniform(0.05, 0.18), rng.uniform(6_000, 15_000), rng.uniform(0.02, 0.05), rng.randint(5, 12)
        ),
        money=Money(margin, rng.uniform(0.06, 0.12), rng.uniform(0.03, 0.12), rng.uniform(30, 65), rng.uniform(2, 6)),
    )  # fmt: skip


def healthy(seed: int, size: tuple[float, float]) -> Model:
    """A healthy shop of so many orders a year; drawn again until it is comfortable."""
    rng = random.Random(f"{seed} healthy")
    while True:
        category = rng.choice(CATEGORIES)
        line = find("second-order").lines(category)["probability"].warning or 0.0
        loyalty = Loyalty.returning(
            min(0.8, line * rng.uniform(1.15, 2.0)), rng.uniform(0.4, 1.5), rng.uniform(0.06, 0.35), rng.uniform(2, 8)
        )
        model = _model(rng, seed, size, rng.uniform(1.0, 1.3), rng.uniform(3.1, 7), loyalty, category)
        if comfortable(model):
            return model


def any_shop(seed: int, size: tuple[float, float], growth: tuple[float, float], years: float) -> Model:
    """A shop whose customers may return well or badly."""
    rng = random.Random(f"{seed} any")
    loyalty = Loyalty.returning(
        rng.uniform(0.15, 0.7), rng.uniform(0.3, 1.5), rng.uniform(0.06, 0.5), rng.uniform(2, 8)
    )
    return _model(rng, seed, size, rng.uniform(*growth), years, loyalty, "general")


@dataclass(frozen=True)
class Years:
    """Truths of the last twelve months against the twelve before, from a separate draw of many customers."""

    retained: float
    buyers: float
    orders_per_buyer: float


def years(model: Model, customers: int = TWINS) -> Years:
    """Retained share of sales, change of buyers, change of orders per buyer; amounts do not depend on who orders."""
    rng = random.Random(f"{model.seed} twins")
    end = model.index(first_day(month_of(model.as_of + timedelta(days=1)))) - 1
    now, before = (end - 365, end), (end - 730, end - 365)
    total = list(accumulate(model.arrivals))
    orders, orders_before, kept, buyers, buyers_before = 0, 0, 0, 0, 0
    for number in range(customers):
        day = bisect_left(total, total[-1] * (number + rng.random()) / customers)
        visits = [min(day, end + 1), *repeat_days(model, model.loyalty, day, rng)]
        mine, mine_before = (sum(low < visit <= high for visit in visits) for low, high in (now, before))
        orders, orders_before = orders + mine, orders_before + mine_before
        buyers, buyers_before = buyers + (mine > 0), buyers_before + (mine_before > 0)
        kept += mine if mine_before else 0
    if not orders_before:
        return Years(0.0, 0.0, 0.0)
    return Years(
        kept / orders_before, buyers / buyers_before - 1, (orders / buyers) / (orders_before / buyers_before) - 1
    )


def comfortable(model: Model) -> bool:
    """The truth clears the warning lines: the repeat share by 5 points; retained revenue by a tenth of the line, the
    buyers and what they order do not shrink."""
    share = find("repeat-share").lines(model.category)["share"].warning or 0.0
    if model.repeat_share(months_before(model.as_of, 12), model.as_of) < share + 0.05:
        return False
    found = years(model)
    kept = find("retained-revenue").lines(model.category)["share"].warning or 0.0
    return found.retained >= 1.1 * kept and found.buyers >= 0 and found.orders_per_buyer >= -0.01
