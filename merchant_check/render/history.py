"""Past runs over time, as plain text and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from textwrap import wrap

from merchant_check.facts import month_label
from merchant_check.history import Run, Standing, by_merchant
from merchant_check.render import words
from merchant_check.render.json_v1 import SCHEMA_VERSION, Json, document, figure
from merchant_check.report import Threshold

NARROWEST, WIDEST = 72, 140
FEWEST, MOST = 6, 60  # runs in a sparkline; where there is room for less, it is left out
GAP = "  "
_CELLS = ("sign", "title", "now", "status")


@dataclass(frozen=True, slots=True)
class _Row:
    """One check: the cells before and behind its figures over time, and these."""

    sign: str
    title: str
    now: str
    status: str
    values: Sequence[float | None] = ()
    line: float | None = None

    def bars(self, runs: int) -> str:
        return words.sparkline(self.values[-runs:], Threshold(self.line, None, ""))


def text(runs: list[Run], width: int, *, unicode: bool) -> str:
    """A table for each shop: its checks with the latest figure, those before it, and since when it stands so."""
    room, plain = min(max(width, NARROWEST), WIDEST), str if unicode else words.ascii_only
    shown = [line for _, found in by_merchant(runs) for line in [*_shop(found, room, plain), ""]]
    return "\n".join(shown).rstrip() + "\n"


def _shop(runs: list[Run], room: int, plain: Callable[[str], str]) -> Iterator[str]:
    standings = runs[-1].standings
    judged = [each for each in standings if any(found and found.status.judged for found in _past(runs, each))]
    silent = [words.clean(each.title) for each in standings if each not in judged]
    yield plain(words.clean(runs[-1].merchant) or "Your shop")
    yield plain(_span(runs))
    yield ""
    if judged:
        yield from map(plain, _table([_row(runs, each, plain) for each in judged], room))
    if silent:
        never = plain(f"Judged in no run: {words.listed(silent)}.")
        yield from wrap(never, room, initial_indent=" ", subsequent_indent=" ")


def _span(runs: list[Run]) -> str:
    days = [words.day(run.as_of) for run in runs]
    span = f"{words.counted(len(runs), 'runs')}, {' to '.join(dict.fromkeys((days[0], days[-1])))}"
    return f"{span}; grade {words.clean(runs[-1].grade)} {_held(runs, [run.grade for run in runs])}".rstrip()


def _held(runs: list[Run], values: Sequence[object]) -> str:
    """Since when the last value stands; empty where there is only one."""
    same = len(list(takewhile(values[-1].__eq__, reversed(values))))
    if len(runs) == 1:
        return ""
    return "throughout" if same == len(runs) else f"since {words.day(runs[-same].as_of)}"


def _past(runs: list[Run], standing: Standing) -> list[Standing | None]:
    """The check in every run; None where it was not in it."""
    found = [{each.check: each for each in run.standings} for run in runs]
    return [run.get(standing.check) for run in found]


def _row(runs: list[Run], standing: Standing, plain: Callable[[str], str]) -> _Row:
    past = _past(runs, standing)
    values = [each.value if each and each.unit == standing.unit else None for each in past]
    now = words.NO_FIGURE if standing.value is None else words.amount(standing.value, standing.unit)
    waived = ", waived" if standing.waived else ""
    held = _held(runs, [each and each.status for each in past])
    status = f"{standing.status} {held}".rstrip() + waived
    sign, title = plain(words.SIGNS[standing.status]), plain(words.clean(standing.title))
    return _Row(sign, title, plain(now), status, values, standing.line)


def _table(rows: list[_Row], room: int) -> Iterator[str]:
    """The rows in columns; of the figures over time, as many of the latest as there is room for."""
    sign, title, now, status = (max(len(getattr(row, name)) for row in rows) for name in _CELLS)
    left = room - (1 + sign + 1 + title + now + status + 3 * len(GAP))
    runs = min(left, MOST, max(len(row.values) for row in rows)) if left >= FEWEST else 0
    for row in rows:
        cells = [f" {row.sign:<{sign}} {row.title:<{title}}", f"{row.now:>{now}}"]
        bars = [f"{row.bars(runs):>{runs}}"] if runs else []
        yield GAP.join([*cells, *bars, row.status])


# --- JSON


def as_json(runs: list[Run]) -> str:
    """Every run of every shop; money in currency units, shares as fractions."""
    shops = [
        {"merchant": words.clean(merchant) or None, "runs": [_run(run) for run in found]}
        for merchant, found in by_merchant(runs)
    ]
    return document({"schema_version": SCHEMA_VERSION, "merchants": shops})


def _run(run: Run) -> Json:
    return {
        "as_of": run.as_of.isoformat(),
        "complete_to": None if run.complete_to is None else month_label(run.complete_to),
        "status": run.status.value,
        "grade": words.clean(run.grade),
        "findings": [_standing(each) for each in run.standings],
    }


def _standing(standing: Standing) -> Json:
    return {
        "check": words.clean(standing.check),
        "title": words.clean(standing.title),
        "status": standing.status.value,
        "waived": standing.waived,
        "value": figure(standing.value, standing.unit),
        "unit": words.clean(standing.unit) or None,
    }
