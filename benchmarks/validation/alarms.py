"""How often healthy shops are warned or alarmed, and how often planted troubles are found within three months."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from benchmarks.validation.model import Model, Trouble, month_of
from benchmarks.validation.population import healthy
from benchmarks.validation.road import findings_of
from benchmarks.validation.simulate import expected_sales, export, months_back, simulate
from merchant_check.checks import CHECKS
from merchant_check.facts import last_day
from merchant_check.report import Status

BANDS = {"50 to 500": (50.0, 500.0), "500 to 5,000": (500.0, 5_000.0), "5,000 to 50,000": (5_000.0, 50_000.0)}
EXPORTS = (18, 24, 36)  # months; less than 15 can't take the season out, and is told apart
SHORT = 12
QUIET_SEASON = 0.225  # best 60 days up to which peak-dependence has nothing to warn of: a tenth below its line
WITHIN = 3  # months
TROUBLED = (6_000.0, 30_000.0)  # orders a year: 500 and more a month
SMALLEST_TEAM = 3  # people: to double a smaller team is to hire one person

TROUBLES = {  # range of the strength, and the checks of which one must warn
    "team": ((1.9, 2.3), ("over-hiring", "newcomers")),
    "ads": ((0.8, 1.5), ("acquisition-cost", "second-order", "repeat-share", "marketing-share")),
    "burn": ((5.0, 9.0), ("runway", "burn-share", "burn-multiple")),
    "stock": ((1.6, 2.2), ("inventory",)),
    "base": ((0.4, 0.7), ("active-customers",)),
}


@dataclass(frozen=True)
class Alarms:
    """The statuses of all checks of one healthy shop; None where the shop is not healthy for that check."""

    months: int
    told_opening: bool
    statuses: dict[str, Status | None]
    deciding: dict[str, str]


def alarms(seed: int, size: tuple[float, float], short: bool = False) -> Alarms:
    """A healthy shop's findings."""
    rng = random.Random(f"{seed} alarms")
    model = healthy(seed, size)
    months = SHORT if short else rng.choice(EXPORTS)
    told = not short and rng.random() < 0.25
    start = model.opened if told else months_back(model.as_of, months)
    found = findings_of(export(simulate(model), start, model.as_of, told))
    return Alarms(
        months,
        told,
        {name: finding.status if _healthy_for(model, name) else None for name, finding in found.items()},
        {name: finding.deciding.id if finding.deciding else "" for name, finding in found.items()},
    )


def _healthy_for(model: Model, check: str) -> bool:
    return check != "peak-dependence" or model.best_60_days <= QUIET_SEASON


@dataclass(frozen=True)
class Found:
    """Whether the checks that should see a trouble warn with it, and warned already without it."""

    kind: str
    checks: dict[str, tuple[bool, bool]]  # check: with the trouble, without it

    @property
    def found(self) -> bool:
        return any(now for now, _ in self.checks.values())

    @property
    def before(self) -> bool:
        return any(before for _, before in self.checks.values())


def trouble(seed: int, kind: str) -> Found:
    """A shop of 500 and more orders a month with and without a trouble that began three months before as_of."""
    sizes, checks = TROUBLES[kind]
    rng = random.Random(f"{seed} {kind}")
    model = _troubled(seed, kind)
    planted = Trouble(kind, month_of(model.as_of) - WITHIN + 1, rng.uniform(*sizes))
    wanted = tuple(check for check in CHECKS if check.id in checks)
    warned = []
    for each in (replace(model, trouble=planted), model):
        found = findings_of(export(simulate(each), months_back(each.as_of, 36), each.as_of), wanted)
        warned.append({name: finding.status in (Status.WARNING, Status.CRITICAL) for name, finding in found.items()})
    return Found(kind, {name: (warned[0][name], warned[1][name]) for name in checks})


def _troubled(seed: int, kind: str) -> Model:
    """A healthy shop whose export ends with a month; with a team that can be doubled."""
    for attempt in range(1000):
        model = healthy(seed + attempt * 7919, TROUBLED)
        if model.as_of != last_day(month_of(model.as_of)):
            continue
        people = expected_sales(model)[month_of(model.as_of)] / model.team.each
        if kind != "team" or people >= SMALLEST_TEAM:
            return model
    raise AssertionError("no such shop among a thousand")


def seeds(count: int, seed: int) -> list[int]:
    rng = random.Random(f"{seed} alarms")
    return [rng.getrandbits(32) for _ in range(count)]
