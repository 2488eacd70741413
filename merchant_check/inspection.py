"""How files were understood, one by one, and what is missing for which check: for when something looks wrong."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl

from merchant_check.errors import UserError, clean
from merchant_check.facts import month_number
from merchant_check.read.account import Account, ReadSettings
from merchant_check.read.files import File, open_file
from merchant_check.read.held import Space
from merchant_check.read.orders import read_orders
from merchant_check.read.recognise import Layout, assign
from merchant_check.read.roster import read_roster
from merchant_check.read.scratch import Scratch
from merchant_check.read.sheet import read_sheet
from merchant_check.read.statement import read_statement
from merchant_check.read.table import Table
from merchant_check.read.text import text
from merchant_check.report import Input, Inspection, Reading, Status
from merchant_check.review import Request, reviewed

SAMPLE_ROWS, SAMPLES = 1000, 3
WORDS = 8  # words of a state column to show
PERSONAL = frozenset(
    ("email", "customer_id", "customer_name", "phone", "person", "first_name", "text", "order_name", "location")
)
"""Fields whose cells may tell who somebody is: their samples show the form of the cell only."""


def inspect(request: Request) -> Inspection:
    """Read every file by itself, then all together; what goes wrong becomes part of the answer."""
    with Scratch() as scratch:
        return _inspected(request, scratch)


def _inspected(request: Request, scratch: Scratch) -> Inspection:
    space = Space(scratch, request.memory)
    opened = [_opened_file(file, request, scratch) for file in request.files]
    # which role a sheet serves that fits two depends on the other files
    served = assign([each for each in opened if not isinstance(each, Reading)], request.columns)
    unusable = [each for each in opened if isinstance(each, Reading)]
    readings = (*unusable, *(_reading(table, layout, request.reading, space) for table, layout in served))
    if any(reading.problem for reading in readings):
        return Inspection(readings)
    if not any(reading.input.role == "orders" for reading in readings):
        return Inspection(readings, {"every check": "no orders file given"})
    try:
        report = reviewed(request, scratch)
    except UserError as problem:
        return Inspection(readings, problem=problem)
    findings = [finding for subject in report.subjects for finding in subject.findings]
    return Inspection(
        readings,
        {
            finding.title: finding.reason
            for finding in findings
            if finding.status in (Status.UNKNOWN, Status.SKIPPED) and finding.reason
        },
    )


def _opened_file(file: File, request: Request, scratch: Scratch) -> tuple[Table, str | None] | Reading:
    """A file's table and forced role; or how far it was understood, where it can't be read or fits no role."""
    try:
        table, role = open_file(file, request.columns, scratch)
    except UserError as problem:
        return Reading(_unread(file.name), problem=problem)
    try:
        assign([(table, role)], request.columns)
    except UserError as problem:
        names = () if problem.code == "no-header" else table.headers  # the first row of data may tell who somebody is
        return Reading(_opened(table), unused=names, problem=problem)
    return table, role


def _unread(name: str) -> Input:
    return Input("", name, "", "", None, {}, 0, 0)


def _opened(table: Table) -> Input:
    return Input(
        "", table.path, "", table.encoding, table.delimiter, {}, table.rows_read, 0, header_line=table.header_line
    )


def _reading(table: Table, layout: Layout, settings: ReadSettings, space: Space) -> Reading:
    taken = {column for columns in layout.columns.values() for column in columns}
    taken |= {*layout.plus, *layout.minus, *(state.column for state in layout.states)}
    unused = tuple(header for index, header in enumerate(table.headers) if f"c{index}" not in taken and header)
    found = Reading(Account(table, layout).input(None, None), _samples(table, layout), unused)
    try:
        read, months = _read(table, layout, settings, space)
    except UserError as problem:
        return replace(found, problem=problem)
    gaps = set(range(min(months), max(months) + 1)) - months if months else set()
    return replace(found, input=read, has_months=bool(months), gaps=tuple(sorted(gaps)))


def _read(table: Table, layout: Layout, settings: ReadSettings, space: Space) -> tuple[Input, set[int]]:
    """The file's entry in a report, and the months in which it has something."""
    if layout.role == "orders":
        orders = read_orders([(table, layout)], settings, space)
        days = orders.scan().select(pl.col("day").unique()).collect(engine="streaming")["day"]
        return orders.inputs[0], {month_number(day) for day in days}
    as_of = settings.as_of or settings.today
    account = Account(table, layout)
    if layout.shape == "roster":
        return read_roster(account, settings, as_of).inputs[0], set()
    complete_to = month_number(as_of) - 1
    read = read_statement if layout.shape.startswith("bank statement") else read_sheet
    sheet = read(account, settings, as_of, complete_to)
    return sheet.inputs[0], set(sheet.months)


def _samples(table: Table, layout: Layout) -> dict[str, tuple[str, ...]]:
    """The first different cells of each field."""
    head = table.frame.head(SAMPLE_ROWS).select(layout.text(name).alias(name) for name in layout.columns).collect()
    found = {"status": _meanings(table, layout)} if layout.states else {}
    for name in layout.columns:
        if name in found:
            continue
        cells = head[name].drop_nulls().unique(maintain_order=True).head(SAMPLES).to_list()
        shown = [_masked(cell) if name in PERSONAL else clean(cell) for cell in cells]
        found[name] = tuple(dict.fromkeys(shown))
    return found


def _meanings(table: Table, layout: Layout) -> tuple[str, ...]:
    """The words that say what became of a row, and what each is taken to mean."""
    found = []
    otherwise = "not known: kept" if layout.role == "orders" else "on the team"
    for state in layout.states:
        cells = table.frame.select(word=text(pl.col(state.column)), means=state.meaning()).drop_nulls("word")
        common = cells.group_by("word", "means").len().sort("len", "word", descending=[True, False]).head(WORDS)
        for word, means, _ in common.collect().iter_rows():
            found.append(f"{clean(word)} = {means or otherwise}")
    return tuple(found)


def _masked(cell: str) -> str:
    """The form of a cell without its contents: x for letters, 9 for digits."""
    return clean(re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "x", cell)).replace("@", "(at)"))
