"""The nouns that leave the checks: statuses, thresholds, measurements, findings and the report around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from merchant_check.errors import UserError
from merchant_check.facts import Facts


class Status(StrEnum):
    """How a finding stands. Unknown: input given, not enough to judge. Skipped: input not given or switched off."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"

    @property
    def judged(self) -> bool:
        return self in _SEVERITY

    @property
    def severity(self) -> int:
        """0 ok, 1 warning, 2 critical; -1 for what could not be judged."""
        return _SEVERITY.get(self, -1)


_SEVERITY = {Status.OK: 0, Status.WARNING: 1, Status.CRITICAL: 2}


def worst(statuses: list[Status]) -> Status:
    """The worst judged status; unknown if none was judged but one was tried, else skipped."""
    judged = [status for status in statuses if status.judged]
    if judged:
        return max(judged, key=lambda status: status.severity)
    return Status.UNKNOWN if Status.UNKNOWN in statuses else Status.SKIPPED


def exceeds(value: float, line: float) -> bool:
    """Truly more than the line: 1.1 - 1, which a float makes a hair more than 0.1, does not exceed 0.1."""
    return value - line > 1e-9


@dataclass(frozen=True, slots=True)
class Threshold:
    """The lines of a figure; `better` is "higher" or "lower". A missing line is never crossed."""

    warning: float | None
    critical: float | None
    better: str

    @property
    def good(self) -> float | None:
        """The line up to which the figure is ok."""
        return self.critical if self.warning is None else self.warning

    def beyond(self, value: float, line: float | None) -> bool:
        """Strictly on the bad side of a line: exactly at it is still good."""
        if line is None:
            return False
        return exceeds(value, line) if self.better == "lower" else exceeds(line, value)

    def judge(self, value: float) -> Status:
        if self.beyond(value, self.critical):
            return Status.CRITICAL
        return Status.WARNING if self.beyond(value, self.warning) else Status.OK


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit; money is in ten-thousandths of the currency unit. render/words.py formats it."""

    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Cap:
    """A reason why a figure may not count worse than `at_most`, whatever its point value says."""

    at_most: Status
    because: str


@dataclass(frozen=True, slots=True)
class Part:
    """One figure of a check, measured but not graded.

    `low`, `high`: its 95 % interval. `change`: the figure is a change, so an interval that holds 0 means "within
    chance". `threshold` replaces the configured lines where a rule moves them. `without_largest`: the figure
    measured again, leaving out the largest order of either window. `with_one_person`: the figure measured again with
    one person more or fewer. `unsure`: why the line lies within the interval, where that is not chance alone. `forced`:
    a status that no line can express (a loss has no multiple). `missing`: why there is no figure.
    """

    id: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    change: bool = False
    threshold: Threshold | None = None
    caps: tuple[Cap, ...] = ()
    without_largest: tuple[Part, ...] = ()
    with_one_person: tuple[Part, ...] = ()
    unsure: str | None = None
    forced: Status | None = None
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The months a figure was taken over, and those it is compared with (month numbers, both ends included)."""

    first: int
    last: int
    compared_first: int | None = None
    compared_last: int | None = None


@dataclass(frozen=True)
class Measurement:
    """What a check found in the facts, before grading. `summary` is a template over the names in `evidence`."""

    parts: tuple[Part, ...]
    window: Window
    summary: str
    evidence: Mapping[str, Quantity] = field(default_factory=dict)
    weak: tuple[str, ...] = ()
    estimated: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Says:
    """What a figure in trouble says: what outruns what, why it matters, what to do."""

    ahead: str
    why: str
    advice: str


@dataclass(frozen=True, slots=True)
class PartSpec:
    """What a figure of a check is: its name, its unit and its default lines (by shop category where they differ).

    `says` replaces the document's words where this figure is in trouble and they would not be true of it.
    """

    id: str
    title: str
    unit: str
    lines: Threshold | Mapping[str, Threshold]
    says: Says | None = None

    def threshold(self, category: str) -> Threshold:
        return self.lines if isinstance(self.lines, Threshold) else self.lines[category]


@dataclass(frozen=True, slots=True)
class Document:
    """What people read about a check: the owner `question` to `advice`, the analyst `formula` and `recompute`.

    `meaning` says what the figure is, in plain words; `ahead` in a few what outruns what when it fires; `window` which
    months are judged; `traps` what the figure does not see; `evidence` when it is unknown, weak or softened.
    `recompute` tells how to get the figure from the JSON report; `example` is the sample shop that shows it best.
    `strength`: A official or peer-reviewed, B named practitioner, C vendor or aggregator, - our convention.
    """

    title: str
    question: str
    meaning: str
    why: str
    advice: str
    ahead: str
    window: str
    traps: tuple[str, ...]
    evidence: tuple[str, ...]
    source: str
    strength: str
    formula: str
    recompute: str
    example: str


@dataclass(frozen=True, slots=True)
class GradedPart:
    id: str
    title: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    threshold: Threshold
    status: Status
    reason: str
    says: Says | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The smallest change of a lever that turns a part back to ok; `text` is a template over {amount}.

    `amount` is None where more than a doubling (or more than all there is of what should be less) would be needed;
    `text` then says that.
    """

    part: str
    lever: str
    amount: Quantity | None
    text: str


@dataclass(frozen=True)
class Finding:
    """One check's outcome: its graded parts and all that explains them. `value` is the first part's.

    `to_ok` are the changes that would turn it: those of one part are alternatives, and each part that is not ok needs
    one. `months_to_next_line`: when the figure crosses its next line at the pace of the last months.
    """

    id: str
    subject: str
    document: Document
    status: Status
    parts: tuple[GradedPart, ...] = ()
    window: Window | None = None
    evidence: Mapping[str, Quantity] = field(default_factory=dict)
    quality: str | None = None
    weak_because: tuple[str, ...] = ()
    estimated: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    summary: str = ""
    reason: str = ""
    previous: float | None = None
    series: tuple[tuple[int, float | None], ...] = ()
    waived: Waiver | None = None
    to_ok: tuple[Step, ...] = ()
    months_to_next_line: float | None = None

    @property
    def title(self) -> str:
        return self.document.title

    @property
    def deciding(self) -> GradedPart | None:
        """The part that gives the finding its status: the first of the worst."""
        return next((part for part in self.parts if part.status is self.status), self.first)

    @property
    def says(self) -> Says:
        """The words for the finding as it stands: those of the deciding part, where it has its own."""
        if self.deciding and self.deciding.says:
            return self.deciding.says
        return Says(self.document.ahead, self.document.why, self.document.advice)

    @property
    def first(self) -> GradedPart | None:
        """The part whose figure and lines stand for the finding."""
        return self.parts[0] if self.parts else None


@dataclass(frozen=True, slots=True)
class Waiver:
    """A finding that is known and accepted until a day: still shown, but the exit code passes it over."""

    until: date
    reason: str


@dataclass(frozen=True, slots=True)
class SubjectReport:
    """One of the three subjects with its findings, worst-first grading already done."""

    id: str
    title: str
    question: str
    status: Status
    grade: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class SetAside:
    """Rows that were not used: why, how many, and the first few line numbers (empty where a line says nothing)."""

    reason: str
    rows: int
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old a file's newest data is, in days before today; a warning where that is too old, and why it is."""

    days_old: int
    status: Status
    reason: str = ""


@dataclass(frozen=True)
class Convention:
    """How a field, or a file's amounts, are written, and what settled it."""

    what: str
    how: str
    by: str


@dataclass(frozen=True)
class Input:
    """How one file was read: every row is used, left out on purpose, or rejected as unreadable."""

    role: str
    path: str
    format: str
    encoding: str
    delimiter: str | None
    columns: Mapping[str, str]
    rows_read: int
    rows_used: int
    rejected: tuple[SetAside, ...] = ()
    left_out: tuple[SetAside, ...] = ()
    notes: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    header_line: int = 1
    conventions: tuple[Convention, ...] = ()
    freshness: Freshness | None = None


@dataclass(frozen=True)
class Reading:
    """What was understood of one file, as far as it was: `problem` is why it went no further.

    `samples` are a few cells of each field, masked where they may be personal; `unused` the headers that mean nothing
    here; `gaps` the months between the first and the last day in which nothing stands, where it is a file of months.
    """

    input: Input
    samples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    has_months: bool = False
    gaps: tuple[int, ...] = ()
    problem: UserError | None = None


@dataclass(frozen=True)
class Inspection:
    """How the files were read, and what that leaves unjudged: check title → what is missing, and why that is."""

    readings: tuple[Reading, ...]
    unjudged: Mapping[str, str] = field(default_factory=dict)
    problem: UserError | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A check, or the age of an input, in the run before (`before` None: it was not in it) and now."""

    check: str
    title: str
    before: Status | None
    after: Status
    was: float | None
    now: float | None
    unit: str
    waiver_ended: bool

    @property
    def turned(self) -> bool:
        return self.before is not self.after or self.waiver_ended

    @property
    def matters(self) -> bool:
        """Got worse or recovered; not so where it could be judged neither then nor now."""
        judged = self.after.judged or (self.before is not None and self.before.judged)
        return self.turned and judged


@dataclass(frozen=True, slots=True)
class Since:
    """What has turned since the last run, and which other figures moved most; `day` None: there is
    no such run."""

    day: date | None
    grade: str | None
    changes: tuple[Change, ...]
    moved: tuple[Change, ...]

    @property
    def matters(self) -> bool:
        return self.day is None or any(change.matters for change in self.changes)


@dataclass(frozen=True, slots=True)
class Headroom:
    """How much more of a lever the shop can carry, and what stops it.

    `value` None: not known, and `reason` says what is missing. `bound_by` is the id of the check that the next step
    would turn, and `binding` the titles of all such checks; none where nothing turned up to `limit`, a doubling.
    `already`: they are beyond their critical line even without a step, and each step makes it worse.
    """

    lever: str
    value: Quantity | None = None
    limit: Quantity | None = None
    bound_by: str | None = None
    binding: tuple[str, ...] = ()
    already: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Report:
    """The whole card. `verdict` is a word or two (in step, watch, act, …), `headline` says it in words."""

    facts: Facts
    inputs: tuple[Input, ...]
    subjects: tuple[SubjectReport, ...]
    status: Status
    grade: str
    verdict: str
    headline: str
    complete_to: int | None
    since: Since | None = None
    room: tuple[Headroom, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for subject in self.subjects for finding in subject.findings)

    @property
    def counted(self) -> Status:
        """The status that the exit code tells: the worst, save for findings that are waived."""
        if not self.status.judged:
            return self.status
        stale = [source.freshness.status for source in self.inputs if source.freshness]
        return worst([*(finding.status for finding in self.findings if not finding.waived), *stale, Status.OK])
