"""The report card for a terminal: ten seconds for the header, two minutes for the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO

from rich import box
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from merchant_check.facts import month_name
from merchant_check.render import outlook, words
from merchant_check.render.since import moved_most, opening, turn, turns
from merchant_check.render.trouble import IN_ALL, TROUBLE, figured, in_trouble, nothing_to_do
from merchant_check.report import Finding, GradedPart, Report, Since, Status, SubjectReport

NARROWEST, WIDEST = 60, 140
BESIDE = 110  # from this width on, a finding's sentence stands beside its figures instead of below
PROSE = 100  # longer lines of running text are hard to follow
MARGIN, GAP = 1, "  "
EXPLAIN = "More on a check and its line: merchant-check explain CHECK"

# Named colours only: they follow the user's theme, so they can be read on dark and on light backgrounds.
COLOURS = {
    Status.OK: "green",
    Status.WARNING: "yellow",
    Status.CRITICAL: "bold red",
    Status.UNKNOWN: "bold",
    Status.SKIPPED: "dim",
}
EMPHASIS = {status: COLOURS[status] for status in TROUBLE}  # what is not in trouble keeps the terminal's own colour

LETTERS = {
    "A": ("▄▀▀▄", "█▀▀█", "█  █"),
    "B": ("█▀▀▄", "█▀▀▄", "█▄▄▀"),
    "C": ("▄▀▀▄", "█   ", "▀▄▄▀"),
    "D": ("█▀▀▄", "█  █", "█▄▄▀"),
    "F": ("█▀▀▀", "█▀▀ ", "█   "),
    "–": ("    ", "▀▀▀▀", "    "),
}
PLAIN_LETTER = ("+---+", "| {} |", "+---+")

COLUMNS = {"title": "", "figure": "now", "bars": "12 months", "line": "line", "before": "3 months ago"}
RIGHT_ALIGNED = ("figure", "bars", "before")
LAYOUTS = (tuple(COLUMNS), ("title", "figure", "bars", "line"), ("title", "figure", "line"))  # the richest that fits

Row = Mapping[str, Text]
"""The cells of one judged finding, by column."""


def render(report: Report, *, width: int, color: bool, unicode: bool, frame: bool = True) -> str:
    """The card as text: with ANSI escapes if `color`, pure ASCII unless `unicode`, its header in a box if `frame`."""
    console = _console(width, color=color)
    with console.capture() as captured:
        _print(report, console, unicode=unicode, frame=frame)
    return _tidy(captured.get())


def to_svg(report: Report, width: int) -> str:
    """The card as a picture; the same report gives the same bytes."""
    console = _console(width, color=True, record=True)
    _print(report, console, unicode=True, frame=True)
    svg = console.export_svg(title="merchant-check report", unique_id="merchant-check")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)  # a picture must not fetch fonts from the net


def one_finding(report: Report, check: str, width: int) -> str:
    """What the card says of one check, by itself, as plain text."""
    subjects = [replace(each, findings=tuple(f for f in each.findings if f.id == check)) for each in report.subjects]
    alone = replace(report, subjects=tuple(subjects))
    console = _console(width, color=False)
    card = _Card(alone, console.width, _Pen(True, alone.facts.shop.currency), frame=False)
    with console.capture() as captured:
        for block in card.only_findings():
            console.print(block)
    return _tidy(captured.get())


def _print(report: Report, console: Console, *, unicode: bool, frame: bool) -> None:
    for block in _Card(report, console.width, _Pen(unicode, report.facts.shop.currency), frame=frame).blocks():
        console.print(block)


def _console(width: int, *, color: bool, record: bool = False) -> Console:
    """A console that knows nothing of the machine it runs on: the caller has decided everything."""
    return Console(
        file=StringIO(),
        width=min(max(width, NARROWEST), WIDEST),
        height=100,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
        emoji=False,
        markup=False,
        highlight=False,
        record=record,
        _environ={},
    )


def _tidy(text: str) -> str:
    """No spaces at the ends of lines, whether or not a colour is switched off behind them."""
    return re.sub(r"(?: |\x1b\[[0-9;]*m)+$", lambda end: end[0].replace(" ", ""), text, flags=re.MULTILINE)


def _join(texts: Iterable[Text], between: str = " ") -> Text:
    return Text(between).join(text for text in texts if text.plain)


@dataclass(frozen=True)
class _Pen:
    """Every word on the card goes through here, so nothing unsafe (and in ASCII nothing foreign) gets past it."""

    unicode: bool
    currency: str | None

    def text(self, content: str, style: str = "") -> Text:
        safe = words.clean(content)
        return Text(safe if self.unicode else words.ascii_only(safe), style=style)

    def dim(self, content: str) -> Text:
        return self.text(content, "dim")

    def sign(self, status: Status) -> Text:
        return self.text(words.SIGNS[status], COLOURS[status])

    def figure(self, part: GradedPart) -> Text:
        return self.text(words.figure(part, self.currency), EMPHASIS.get(part.status, ""))

    def figure_and_line(self, part: GradedPart) -> Text:
        if part.value is None:
            return self.text(part.reason, EMPHASIS.get(part.status, ""))
        line = words.line(part.threshold, part.unit, part.status, self.currency)
        return _join((self.figure(part), self.text(f"({line})" if line else "")))


@dataclass(frozen=True)
class _Columns:
    """The columns that all figure rows share."""

    widths: Mapping[str, int]

    @classmethod
    def fit(cls, rows: Sequence[Row], room: int) -> _Columns:
        widths = {name: max(cell_len(row[name].plain) for row in rows) for name in COLUMNS}
        candidates = [cls({name: widths[name] for name in layout}) for layout in LAYOUTS]
        return next((columns for columns in candidates if columns.total <= room), candidates[-1])

    @property
    def total(self) -> int:
        return sum(self.widths.values()) + len(GAP) * (len(self.widths) - 1)

    def join(self, row: Row) -> Text:
        return Text(GAP).join(self._padded(row[name], name) for name in self.widths)

    def _padded(self, cell: Text, name: str) -> Text:
        space = Text(" " * (self.widths[name] - cell_len(cell.plain)))
        return space + cell if name in RIGHT_ALIGNED else cell + space


class _Card:
    """One report, laid out for one width."""

    def __init__(self, report: Report, width: int, pen: _Pen, *, frame: bool) -> None:
        self.report = report
        self.width = width
        self.pen = pen
        self.frame = frame
        self.sign_width = max(cell_len(pen.sign(status).plain) for status in Status) + 1
        self.title_width = max((cell_len(self._titled(finding).plain) for finding in report.findings), default=0)
        self.headings: Row = {name: pen.dim(heading) for name, heading in COLUMNS.items()}
        rows = [self._row(finding, part) for finding in report.findings if (part := figured(finding))]
        self.columns = _Columns.fit([self.headings, *rows], width - MARGIN)

    def blocks(self) -> Iterator[RenderableType]:
        yield self._header()
        for subject in self.report.subjects:
            yield ""
            yield from self._subject(subject)
        yield ""
        yield from self._to_do()
        yield ""
        if self.report.room:
            yield from self._room()
            yield ""
        if self.report.since:
            yield from self._since(self.report.since)
            yield ""
        yield from self._data()
        yield ""
        yield self._text(self.pen.dim(EXPLAIN))

    def only_findings(self) -> Iterator[RenderableType]:
        yield self._text(self.columns.join(self.headings))
        for finding in self.report.findings:
            yield from self._finding(finding)

    # --- layout

    def _text(self, text: Text, indent: int = MARGIN) -> RenderableType:
        return Padding(text, (0, max(0, self.width - PROSE - indent), 0, indent))

    def _beside(self, left: Text, right: Text, at: int, indent: int = MARGIN) -> RenderableType:
        """Two columns: the right one begins `at` cells after the left one and wraps within itself."""
        grid = Table.grid()
        grid.add_column(width=at, overflow="fold")
        grid.add_column(max_width=PROSE, overflow="fold")
        grid.add_row(left, right)
        return Padding(grid, (0, 0, 0, indent))

    # --- header

    def _header(self) -> RenderableType:
        if not self.frame:
            return Padding(Group(self._name(), self._verdict(), self._grades()), (0, 0, 0, MARGIN))
        grid = Table.grid(padding=(0, 3, 0, 0), expand=True)
        grid.add_column(vertical="middle")
        grid.add_column(ratio=1, vertical="middle", overflow="fold")
        grid.add_row(self._letter(), Group(self._name(), self._verdict(), self._grades()))
        frame, colour = box.ROUNDED if self.pen.unicode else box.ASCII, COLOURS[self.report.status]
        return Panel(grid, box=frame, border_style=colour, padding=(0, 2), width=self.width)

    def _letter(self) -> Text:
        plain = tuple(row.format(self.report.grade) for row in PLAIN_LETTER)
        rows = LETTERS.get(self.report.grade, plain) if self.pen.unicode else plain
        return _join((self.pen.text(row, COLOURS[self.report.status]) for row in rows), "\n")

    def _name(self) -> RenderableType:
        month = self.report.complete_to
        until = "no complete month" if month is None else f"complete to {month_name(month)}"
        grid = Table.grid(padding=(0, len(GAP), 0, 0), expand=True)
        grid.add_column(ratio=1, overflow="fold")
        grid.add_column(justify="right", width=cell_len(until))
        grid.add_row(self.pen.text(self.report.facts.shop.name or "Your shop", "bold"), self.pen.dim(until))
        return grid

    def _verdict(self) -> Text:
        verdict = self.pen.text(f"{self.report.verdict.capitalize()}.", f"bold {COLOURS[self.report.status]}")
        return _join((verdict, self.pen.text(self.report.headline)))

    def _graded(self, title: str, subject: SubjectReport, style: str = "") -> Text:
        return _join((self.pen.text(title, style), self.pen.text(subject.grade, f"bold {COLOURS[subject.status]}")))

    def _grades(self) -> Text:
        subjects = (self._graded(subject.title, subject) for subject in self.report.subjects)
        return _join((self.pen.text(f"Grade {self.report.grade}", "bold"), *subjects), " " * 3)

    # --- subjects

    def _subject(self, subject: SubjectReport) -> Iterator[RenderableType]:
        skipped = words.skipped_by_reason(subject.findings)
        if len(skipped) == 1 and subject.status is Status.SKIPPED:
            yield self._subject_line(subject, words.unjudged(subject.findings[0]))
            return
        yield self._subject_line(subject, subject.question)
        if any(map(figured, subject.findings)):
            yield self._text(self.columns.join(self.headings))
        for finding in subject.findings:
            if finding.status is not Status.SKIPPED:
                yield from self._finding(finding)
        for findings in skipped.values():
            yield from self._skipped(findings)

    def _subject_line(self, subject: SubjectReport, text: str) -> RenderableType:
        title = self._graded(subject.title.upper(), subject, "bold")
        return self._beside(title, self.pen.dim(text), cell_len(title.plain) + len(GAP))

    def _finding(self, finding: Finding) -> Iterator[RenderableType]:
        said, part = self._said(finding), figured(finding)
        if not part:
            yield self._beside(self._titled(finding), said, self.title_width + len(GAP))
            return
        row = self.columns.join(self._row(finding, part))
        if self.width >= BESIDE:
            yield self._beside(row, said, self.columns.total + len(GAP))
            return
        yield self._text(row)
        if said.plain:
            yield self._text(said, MARGIN + self.sign_width)

    def _titled(self, finding: Finding) -> Text:
        sign = self.pen.sign(finding.status)
        return Text.assemble(sign, " " * (self.sign_width - cell_len(sign.plain)), self._title(finding))

    def _title(self, finding: Finding) -> Text:
        return self.pen.text(finding.title, "bold" if finding.status in TROUBLE else "")

    def _row(self, finding: Finding, part: GradedPart) -> Row:
        own = part is finding.first  # the series and the earlier figure are the first part's
        bars = words.sparkline([value for _, value in finding.series], part.threshold) if own else ""
        line = words.line(part.threshold, part.unit, part.status, bare=True)  # the figure before it says the unit
        return {
            "title": self._titled(finding),
            "figure": self.pen.figure(part),
            "bars": self.pen.text(bars, EMPHASIS.get(part.status, "dim")),
            "line": self.pen.text(line, "" if part.status in TROUBLE else "dim"),
            "before": self.pen.dim(
                "" if finding.previous is None or not own else words.number(finding.previous, part.unit)
            ),
        }

    def _said(self, finding: Finding) -> Text:
        """What goes with the figures: the sentence, what to be careful about, and other parts in trouble."""
        if not finding.status.judged:
            return self.pen.dim(words.unjudged(finding))
        calm = finding.status is Status.OK
        summary = words.summary(finding, self.pen.currency)
        if not summary and not figured(finding):
            summary = words.as_sentence(finding.reason)
        sentence = _join(
            (
                self.pen.text(summary, "dim" if calm else ""),
                self.pen.dim(words.caveat(finding)),
                self.pen.text(outlook.trend(finding)),
            )
        )
        return _join((sentence, *(self._part(finding, part) for part in words.parts_to_tell(finding))), "\n")

    def _part(self, finding: Finding, part: GradedPart) -> Text:
        figure = self.pen.figure_and_line(part)
        if part.value is not None and part.reason not in finding.weak_because:
            figure = _join((figure, self.pen.dim(part.reason)), "; ")
        return _join((self.pen.sign(part.status), self.pen.text(f"{part.title}:"), figure))

    def _skipped(self, findings: Sequence[Finding]) -> Iterator[RenderableType]:
        if len(findings) == 1:
            yield from self._finding(findings[0])
            return
        titles = self.pen.text(words.listed([finding.title for finding in findings]))
        yield self._beside(self.pen.sign(Status.SKIPPED), titles, self.sign_width)
        yield self._text(self.pen.dim(words.unjudged(findings[0])), MARGIN + self.sign_width)

    # --- what to do

    def _to_do(self) -> Iterator[RenderableType]:
        yield self._text(self.pen.text("WHAT TO DO", "bold"))
        troubled = in_trouble(self.report)
        if not troubled:
            yield self._text(self.pen.text(nothing_to_do(self.report)))
        for finding in troubled:
            yield from self._advice(finding)

    def _advice(self, finding: Finding) -> Iterator[RenderableType]:
        indent, arrow = MARGIN + self.sign_width, self.pen.text("→ ")
        title = _join((self._title(finding), _join(self._figures(finding), ", ")), GAP)
        yield self._beside(self.pen.sign(finding.status), title, self.sign_width)
        yield self._text(self.pen.text(finding.says.why), indent)
        advice = [finding.says.advice, outlook.turning(finding, self.pen.currency)]
        yield self._beside(arrow, self._lines(filter(None, advice)), cell_len(arrow.plain), indent)

    def _figures(self, finding: Finding) -> Iterator[Text]:
        """The figures in trouble; the first part's goes without its name, which is the finding's."""
        for part in finding.parts:
            if part.status in TROUBLE:
                name = "" if part is finding.first else f"{part.title}:"
                yield _join((self.pen.text(name), self.pen.figure_and_line(part)))

    # --- room to grow

    def _room(self) -> Iterator[RenderableType]:
        title = self.pen.text(outlook.ROOM.upper(), "bold")
        yield self._beside(title, self.pen.dim(outlook.WITHIN), cell_len(title.plain) + len(GAP))
        lines = outlook.rooms(self.report.room, self.pen.currency)
        at = max(cell_len(lever) for lever, _ in lines) + len(GAP)
        for lever, said in lines:
            yield self._beside(self.pen.text(lever), self.pen.text(said), at)

    # --- since the last run

    def _since(self, since: Since) -> Iterator[RenderableType]:
        yield self._text(self.pen.text("SINCE THE LAST RUN", "bold"))
        yield self._text(self.pen.text(opening(self.report, since)))
        for change in turns(since):
            title = self.pen.text(f"{change.title}:", "bold" if change.after in TROUBLE else "")
            said = _join((title, self.pen.text(turn(change, self.pen.currency))))
            yield self._beside(self.pen.sign(change.after), said, self.sign_width)
        if moved := moved_most(since, self.pen.currency):
            yield self._text(self.pen.text(moved))

    # --- data

    def _data(self) -> Iterator[RenderableType]:
        yield self._text(self.pen.text("DATA", "bold"))
        at = max(map(cell_len, [*(source.role for source in self.report.inputs), IN_ALL])) + len(GAP)
        for source in self.report.inputs:
            yield self._beside(self.pen.dim(source.role), self._lines(words.input_facts(source)), at)
        yield self._beside(self.pen.dim(IN_ALL), self._lines(words.grounds(self.report)), at)

    def _lines(self, sentences: Iterable[str]) -> Text:
        return _join(map(self.pen.text, sentences), "\n")
