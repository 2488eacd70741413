"""The cases of the back-test: published figures of known companies, graded by the shipped checks."""

from __future__ import annotations

import ast
import csv
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from merchant_check.checks import CHECKS
from merchant_check.checks.cash import runway
from merchant_check.checks.check import Check, grade
from merchant_check.checks.customers import active_customers
from merchant_check.checks.team import over_hiring
from merchant_check.report import GradedPart, Part, Status, Threshold, worst

FOLDER = Path(__file__).parent
DAYS_A_MONTH = 365.25 / 12
BETWEEN_SOURCES = " & "

Figures = Mapping[str, float]

_OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


@dataclass(frozen=True)
class Case:
    """A company in one stretch of its life; `collected_as`: its first trouble in the table as it was collected."""

    name: str
    company: str
    outcome: str
    category: str
    first_trouble: date | None
    closed: date | None
    collected_as: str
    note: str

    @property
    def troubled(self) -> bool:
        return self.outcome == "troubled"


@dataclass(frozen=True)
class Figure:
    """One figure of a reading; `collected` is the value as it stood in the table, empty where it had none."""

    case: str
    as_of: date
    check: str
    name: str
    arithmetic: str
    collected: str
    counted: bool
    differs: str
    note: str
    sources: tuple[str, ...]

    @property
    def value(self) -> float:
        return calculated(self.arithmetic)


@dataclass(frozen=True)
class Reading:
    """What a check would have seen of a case on a day, and how it is graded."""

    case: Case
    as_of: date
    check: Check
    figures: tuple[Figure, ...]
    parts: tuple[GradedPart, ...]

    @property
    def status(self) -> Status:
        return worst([part.status for part in self.parts])

    @property
    def in_time(self) -> bool:
        return self.case.first_trouble is None or self.as_of < self.case.first_trouble

    @property
    def lead(self) -> float:
        """Months from the reading to the first public trouble."""
        assert self.case.first_trouble is not None
        return months_between(self.as_of, self.case.first_trouble)


def months_between(first: date, last: date) -> float:
    return (last - first).days / DAYS_A_MONTH


def calculated(arithmetic: str) -> float:
    """The value of "211.8 / (109.1 / 3)": numbers, + - * / ** and brackets, nothing else."""
    return _value(ast.parse(arithmetic, mode="eval").body)


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](_value(left), _value(right))
    raise ValueError(f"no arithmetic: {ast.unparse(node)}")


def read_cases() -> dict[str, Case]:
    return {
        row["case"]: Case(
            row["case"],
            row["company"],
            row["outcome"],
            row["category"],
            _day(row["first_trouble"]),
            _day(row["closed"]),
            row["collected_as"],
            row["note"],
        )
        for row in _rows("companies.csv")
    }


def read_figures() -> list[Figure]:
    return [
        Figure(
            row["case"],
            date.fromisoformat(row["as_of"]),
            row["check"],
            row["figure"],
            row["arithmetic"],
            row["collected"],
            row["counted"] == "yes",
            row["differs"],
            row["note"],
            tuple(filter(None, row["sources"].split(BETWEEN_SOURCES))),
        )
        for row in _rows("readings.csv")
    ]


def published() -> dict[tuple[str, str], dict[str, str]]:
    """The published figures with their addresses, by company and "period: metric"."""
    return {(row["company"], f"{row['period']}: {row['metric']}"): row for row in _rows("figures.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def readings(
    figures: Iterable[Figure],
    cases: Mapping[str, Case],
    checks: Sequence[Check] = CHECKS,
    *,
    own_category: bool = False,
) -> list[Reading]:
    """The figures of each case, check and day together, graded by the lines for any shop or for its own category."""
    ids, names = [check.id for check in checks], list(cases)

    def key(figure: Figure) -> tuple[int, int, date]:
        return ids.index(figure.check), names.index(figure.case), figure.as_of

    found = []
    for (check_at, case_at, as_of), group in groupby(sorted(figures, key=key), key):
        case, check, together = cases[names[case_at]], checks[check_at], tuple(group)
        lines = check.lines(case.category if own_category else "general")
        specs = {spec.id: spec for spec in check.parts}
        graded = tuple(grade(part, specs[part.id], lines[part.id], ()) for part in _parts(check, together, lines))
        found.append(Reading(case, as_of, check, together, graded))
    return found


def _parts(check: Check, figures: Sequence[Figure], lines: Mapping[str, Threshold]) -> list[Part]:
    """What the check would have measured, with the conditions that the check itself sets."""
    values = {figure.name: figure.value for figure in figures if figure.arithmetic}
    if check.id == "runway":
        runways = {int(months): value for months, value in values.items()}
        return [runway.worst_of(runways, lines["months"])]
    if not values:
        return [Part(figure.name, missing=figure.note) for figure in figures]
    if check.id == "over-hiring":
        part = Part("per-head", values["per-head"])
        return [over_hiring.under_growth(part, values["headcount"], lines["per-head"])]
    if check.id == "active-customers" and "buyers" in values:
        caps = {"orders-per-buyer": active_customers.many_new(values["buyers"])}
        return [Part(name, value, caps=caps.get(name, ())) for name, value in values.items()]
    return [Part(name, value) for name, value in values.items()]


@dataclass(frozen=True)
class Outcome:
    """What a check told of a case in time: before the first public trouble, or at any day of a healthy one."""

    case: Case
    check: Check
    readings: tuple[Reading, ...]

    @property
    def judged(self) -> bool:
        return any(reading.status.judged for reading in self.readings if reading.in_time)

    def first(self, least: Status = Status.WARNING) -> Reading | None:
        """The earliest reading in time that was at least so bad."""
        bad = (each for each in self.readings if each.in_time and each.status.severity >= least.severity)
        return min(bad, key=lambda reading: reading.as_of, default=None)

    @property
    def status(self) -> Status:
        return worst([reading.status for reading in self.readings if reading.in_time])


def outcomes(found: Sequence[Reading], check: Check) -> list[Outcome]:
    """The check's outcome for each case that has a reading."""
    cases = dict.fromkeys(reading.case for reading in found if reading.check is check)
    return [
        Outcome(case, check, tuple(each for each in found if each.check is check and each.case == case))
        for case in cases
    ]
