"""How far second-order and repeat-share lie from the truth, and how often their intervals hold it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from benchmarks.validation.model import Model, month_of
from benchmarks.validation.population import any_shop
from benchmarks.validation.road import facts_of
from benchmarks.validation.simulate import Life, export, months_back, simulate
from merchant_check.checks import find
from merchant_check.checks.check import run
from merchant_check.facts import UNSURE_MONTHS, first_day, last_day, months_before
from merchant_check.report import Finding

CHECKS = (find("second-order"), find("repeat-share"))
EXPORTS = (6, 12, 24, 36)  # months
REGIMES = {  # growth a year of the arrivals, and years of life
    "steady": ((1.0, 1.3), 7.0),
    "fast": ((2.0, 4.0), 4.0),
}
SIZE = (500.0, 20_000.0)  # orders a year


@dataclass(frozen=True)
class Measured:
    """One figure of one export beside the truth; `value` None where merchant-check declined to give it."""

    check: str
    regime: str
    months: int
    whole: bool
    truth: float
    naive: float
    value: float | None = None
    low: float = 0.0
    high: float = 0.0
    bound: bool = False
    basis: int = 0  # the horizon in days or the lead-in in months


def measure(seed: int, regime: str) -> list[Measured]:
    """One shop's exports: windows onto a longer life, and (opened so many months ago) whole lives."""
    growth, years = REGIMES[regime]
    model = any_shop(seed, SIZE, growth, years)
    life = simulate(model)
    found: list[Measured] = []
    for months in EXPORTS:
        found += _export(life, regime, months, whole=False)
        young = any_shop(seed, SIZE, growth, months / 12)
        found += _export(simulate(young), regime, months, whole=True)
    return found


def _export(life: Life, regime: str, months: int, whole: bool) -> Iterator[Measured]:
    model = life.model
    start = model.opened if whole else months_back(model.as_of, months)
    facts = facts_of(export(life, start, model.as_of, told_opening=whole))
    totals = facts.totals
    naive = {
        "second-order": totals.repeat_customers / totals.customers,
        "repeat-share": totals.repeat_orders / totals.orders_with_customer,
    }
    for finding in run(CHECKS, facts, {}):
        part = finding.first
        truth, basis = _truth(model, finding, start, whole)
        given = Measured(finding.id, regime, months, whole, truth, naive[finding.id])
        if part and part.value is not None:
            bound = any("lower bound" in note for note in finding.notes)
            given = replace(
                given, value=part.value, low=part.low or 0.0, high=part.high or 0.0, bound=bound, basis=basis
            )
        yield given


def _truth(model: Model, finding: Finding, start: date, whole: bool) -> tuple[float, int]:
    """The truth of the figure over the same window and horizon; where none was given, of the last year."""
    year = months_before(model.as_of, 12)
    if finding.id == "repeat-share":
        if finding.window is None:
            return model.repeat_share(max(model.opened, year), model.as_of), 0
        first, last = max(model.opened, first_day(finding.window.first)), last_day(finding.window.last)
        return model.repeat_share(first, min(last, model.as_of)), finding.window.first - month_of(start)
    horizon = int(finding.evidence["horizon"].value) if finding.evidence else 365
    since = max(months_before(model.as_of, 24), start if whole else months_before(start, -UNSURE_MONTHS))
    return model.second_order(min(since, model.as_of), model.as_of, horizon), horizon


def seeds(count: int, seed: int) -> list[int]:
    rng = random.Random(f"{seed} accuracy")
    return [rng.getrandbits(32) for _ in range(count)]
