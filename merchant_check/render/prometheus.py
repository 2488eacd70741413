"""The report as a textfile for the Prometheus node_exporter: base units, no timestamps on the samples."""

from __future__ import annotations

from calendar import timegm
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePath

from merchant_check.facts import MINOR
from merchant_check.render import words
from merchant_check.report import GradedPart, Input, Report, Status

STATUSES = {Status.OK: 0, Status.WARNING: 1, Status.CRITICAL: 2, Status.UNKNOWN: 3}
DECIMALS = 6  # more is noise, and differs from machine to machine

Labels = Mapping[str, str]
Samples = Iterable[tuple[Labels, float]]

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\""})  # cleaned text holds no line feed


def render(report: Report) -> str:
    """The report in the text exposition format."""
    shop = {"merchant": report.facts.shop.name} if report.facts.shop.name else {}
    lines = [line for name, meaning, samples in _metrics(report) for line in _family(name, meaning, samples, shop)]
    return "\n".join(lines) + "\n"


def _metrics(report: Report) -> Iterator[tuple[str, str, Samples]]:
    """Each metric's name, help and samples."""
    totals, as_of = report.facts.totals, report.facts.as_of
    yield "status", "Status of the check: 0 ok, 1 warning, 2 critical, 3 unknown.", _statuses(report)
    yield "waived", "1 while the finding is waived, else 0.", _waived(report)
    yield (
        "figure",
        "Figure of the check: shares, changes and points as ratios, money in currency units.",
        _figures(report),
    )
    yield "threshold", "Line of the figure, in its unit: exactly at the line is still good.", _thresholds(report)
    yield (
        "months_to_next_line",
        "Months until the figure crosses its next line at its present pace, where within a year.",
        _months_to_next_line(report),
    )
    yield (
        "room_to_grow",
        "The largest step in the next three months that turns no check: hires, currency units of marketing a month, "
        "locations.",
        _room(report),
    )
    yield "orders", "Orders counted.", [({}, totals.orders)]
    yield "last_data_day_timestamp_seconds", "Midnight UTC of the last day of data.", [({}, timegm(as_of.timetuple()))]
    yield "input_stale", "1 where the newest file of a role is too old, else 0.", _stale(report)
    yield "input_rows_read", "Rows in the file.", _rows(report, lambda source: source.rows_read)
    yield "input_rows_used", "Rows that the figures rest on.", _rows(report, lambda source: source.rows_used)
    yield "input_rows_rejected", "Rows rejected as unreadable.", _rows(report, _rejected)


# --- samples


def _statuses(report: Report) -> Samples:
    for finding in report.findings:
        if finding.status in STATUSES:
            yield {"check": finding.id, "subject": finding.subject}, STATUSES[finding.status]


def _waived(report: Report) -> Samples:
    for finding in report.findings:
        if finding.status.judged:
            yield {"check": finding.id}, finding.waived is not None


def _stale(report: Report) -> Samples:
    stale = {source.role for source in report.inputs if source.freshness and source.freshness.reason}
    for role in dict.fromkeys(source.role for source in report.inputs):
        yield {"role": role}, role in stale


def _judged(report: Report) -> Iterator[tuple[Labels, GradedPart, float]]:
    for finding in report.findings:
        for part in finding.parts:
            if part.value is not None and part.status.judged:
                yield {"check": finding.id, "part": part.id}, part, part.value


def _figures(report: Report) -> Samples:
    for labels, part, value in _judged(report):
        yield {**labels, "unit": part.unit}, _base(value, part.unit)


def _thresholds(report: Report) -> Samples:
    for labels, part, _ in _judged(report):
        for line, value in (("warning", part.threshold.warning), ("critical", part.threshold.critical)):
            if value is not None:
                yield {**labels, "line": line}, _base(value, part.unit)


def _months_to_next_line(report: Report) -> Samples:
    for finding in report.findings:
        if finding.months_to_next_line is not None:
            yield {"check": finding.id}, finding.months_to_next_line


def _room(report: Report) -> Samples:
    for headroom in report.room:
        if headroom.value:
            yield {"lever": headroom.lever}, _base(headroom.value.value, headroom.value.unit)


def _rows(report: Report, rows: Callable[[Input], int]) -> Samples:
    for source in report.inputs:
        yield {"role": source.role, "file": PurePath(source.path).name}, rows(source)


def _rejected(source: Input) -> int:
    return sum(aside.rows for aside in source.rejected)


def _base(value: float, unit: str) -> float:
    return value / MINOR if unit == "money" else value


# --- the text format


def _family(name: str, meaning: str, samples: Samples, shop: Labels) -> Iterator[str]:
    """A metric with its samples; files of one name are added up: labels given twice would cost the whole textfile."""
    values: defaultdict[str, float] = defaultdict(float)
    for labels, value in samples:
        values[_labels({**labels, **shop})] += value
    if values:
        yield f"# HELP merchant_check_{name} {meaning}"
        yield f"# TYPE merchant_check_{name} gauge"
        yield from (f"merchant_check_{name}{labels} {_number(value)}" for labels, value in values.items())


def _labels(labels: Labels) -> str:
    pairs = [f'{name}="{words.clean(value).translate(_ESCAPES)}"' for name, value in labels.items()]
    return f"{{{','.join(pairs)}}}" if pairs else ""


def _number(value: float) -> str:
    """A plain decimal; no minus on a zero."""
    return f"{value:z.{DECIMALS}f}".rstrip("0").rstrip(".")
