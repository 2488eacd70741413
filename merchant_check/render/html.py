"""The report as one self-contained web page, for a browser, a phone and paper: no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from merchant_check import __version__
from merchant_check.errors import UserError
from merchant_check.facts import month_name
from merchant_check.render import charts, outlook, words
from merchant_check.render.charts import Chart, months_named
from merchant_check.render.explain import lines_text
from merchant_check.render.trouble import figured, in_trouble, nothing_to_do
from merchant_check.report import Finding, GradedPart, Input, Report, SetAside, Status, SubjectReport, Window

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True)
class Row:
    """One figure of a finding, in words; `line` is the line that counts, `lines` are all it has. It goes by the
    finding's name where it is its `own`, and where it is not `known`, `reason` says why."""

    title: str
    own: bool
    known: bool
    figure: str
    line: str
    lines: str
    status: Status
    reason: str


@dataclass(frozen=True)
class Card:
    """One finding that was judged, in words. `row` is the figure that stands for it; `rows` are all its figures, and
    `troubled` those that are to be mended."""

    id: str
    title: str
    status: Status
    row: Row
    previous: str
    interval: str
    sentence: str
    caveat: str
    window: str
    trend: str
    why: str
    advice: str
    turning: str
    rows: tuple[Row, ...]
    troubled: tuple[Row, ...]
    chart: Chart | None


@dataclass(frozen=True)
class Unjudged:
    """Findings that share the reason why they could not be judged."""

    status: Status
    findings: tuple[Finding, ...]
    reason: str


@dataclass(frozen=True)
class Section:
    """A subject: its charts, what was judged and what was not."""

    subject: SubjectReport
    charts: tuple[Chart, ...]
    cards: tuple[Card, ...]
    unjudged: tuple[Unjudged, ...]


@dataclass(frozen=True)
class Source:
    """A file: its rows in numbers, and the sentences about them."""

    input: Input
    left_out: int
    rejected: int
    sentences: tuple[str, ...]


def render(report: Report) -> str:
    """The whole page; the same report gives the same bytes."""
    month, sections = report.complete_to, tuple(_section(report, subject) for subject in report.subjects)
    cards = {card.id: card for section in sections for card in section.cards}
    page = _environment().get_template("report.html")
    return page.render(
        report=report,
        name=report.facts.shop.name or "Your shop",
        until="no complete month" if month is None else f"complete to {month_name(month)}",
        today=words.day(report.facts.today),
        version=__version__,
        sections=sections,
        troubles=[cards[finding.id] for finding in in_trouble(report)],
        nothing_to_do=nothing_to_do(report),
        room_title=outlook.ROOM,
        room_within=outlook.WITHIN,
        rooms=outlook.rooms(report.room, report.facts.shop.currency),
        sources=[_source(source) for source in report.inputs],
        grounds=words.grounds(report),
    )


def _environment() -> Environment:
    """Templates in which every value is cleaned and escaped, and a missing one is an error."""
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError:
        remedy = "pip install 'merchant-check[html]'"
        raise UserError("missing-extra", "the HTML report needs jinja2", remedy=remedy) from None
    environment = Environment(
        loader=PackageLoader("merchant_check.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_clean,
    )
    environment.globals |= {"signs": {status: charts.sign(status) for status in Status}}
    return environment


def _clean(value: Any) -> Any:
    """What the page is given as text, safe to show; markup (a macro's output, a picture) is already."""
    return value if hasattr(value, "__html__") else words.clean(str(value))


# --- findings


def _section(report: Report, subject: SubjectReport) -> Section:
    currency = report.facts.shop.currency
    told = ((finding, figured(finding) or finding.deciding) for finding in subject.findings if finding.status.judged)
    return Section(
        subject,
        tuple(charts.of_subject(report, subject.id)),
        tuple(_card(finding, part, currency) for finding, part in told if part),
        tuple(_unjudged(subject)),
    )


def _card(finding: Finding, part: GradedPart, currency: str | None) -> Card:
    own = part is finding.first  # the earlier figure is the first part's
    in_trouble = finding.status.severity > 0
    rows = {each.id: _row(each, currency, own=each is finding.first) for each in finding.parts}
    return Card(
        id=finding.id,
        title=finding.title,
        status=finding.status,
        row=rows[part.id],
        previous=words.number(finding.previous, part.unit) if own and finding.previous is not None else "",
        interval=_interval(part),
        sentence=words.summary(finding, currency),
        caveat=words.caveat(finding),
        window=_window(finding.window) if finding.window else "",
        trend=outlook.trend(finding),
        why=finding.says.why if in_trouble else "",
        advice=finding.says.advice if in_trouble else "",
        turning=outlook.turning(finding, currency),
        rows=tuple(rows.values()),
        troubled=tuple(rows[each.id] for each in finding.parts if each.status.severity > 0),
        chart=charts.of_finding(finding),
    )


def _row(part: GradedPart, currency: str | None, *, own: bool) -> Row:
    lined = part.threshold.warning is not None or part.threshold.critical is not None
    return Row(
        title=part.title,
        own=own,
        known=part.value is not None,
        figure=words.figure(part, currency),
        line=words.line(part.threshold, part.unit, part.status, currency),
        lines=lines_text(part.threshold, part.unit) if lined else "",
        status=part.status,
        reason=part.reason,
    )


def _interval(part: GradedPart) -> str:
    if part.low is None or part.high is None:
        return ""
    return f"{words.number(part.low, part.unit)} to {words.number(part.high, part.unit)}"


def _window(window: Window) -> str:
    text = months_named(window.first, window.last)
    if window.compared_first is None or window.compared_last is None:
        return text
    return f"{text}, against {months_named(window.compared_first, window.compared_last)}"


def _unjudged(subject: SubjectReport) -> Iterator[Unjudged]:
    """First what could not be judged, each by itself; then what was not asked for, by what would answer it."""
    for finding in subject.findings:
        if finding.status is Status.UNKNOWN:
            yield Unjudged(finding.status, (finding,), words.unjudged(finding))
    for findings in words.skipped_by_reason(subject.findings).values():
        yield Unjudged(Status.SKIPPED, tuple(findings), words.unjudged(findings[0]))


# --- data


def _source(source: Input) -> Source:
    return Source(source, _rows(source.left_out), _rows(source.rejected), tuple(words.input_facts(source)))


def _rows(aside: tuple[SetAside, ...]) -> int:
    return sum(rows.rows for rows in aside)
