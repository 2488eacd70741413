"""Rosters become stints of work: one person from a first day on, up to a last one if there is one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from merchant_check.errors import UserError
from merchant_check.read import dates
from merchant_check.read.account import TOTAL_ROW, Account, ReadSettings, counted
from merchant_check.read.formats import fold, fold_words
from merchant_check.read.text import text
from merchant_check.report import Input


@dataclass(frozen=True, slots=True)
class Stint:
    """A person's unbroken time on the payroll: start ≤ day < end."""

    person: str
    start: date
    end: date | None
    places: tuple[tuple[date, str | None], ...]
    """Where the person works, and since when; the newest place last."""

    def place(self, day: date) -> str | None:
        """Where the person works on a day."""
        return next((place for since, place in reversed(self.places) if since <= day), None)

    def on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Roster:
    """All stints; `has_ends`: at least one person has an end date, so leavers are recorded at all."""

    stints: tuple[Stint, ...]
    has_ends: bool
    has_locations: bool
    inputs: tuple[Input, ...]


def read_roster(account: Account, settings: ReadSettings, as_of: date) -> Roster:
    """Read a roster as it stood on `as_of`. Raises UserError when too many rows can't be read or none is left."""
    account.refuse_above(settings.max_rejected)
    stints: list[Stint] = []
    left_unknown: list[int] = []
    again = set(account.identical_lines())
    for row in _rows(account, settings.today).iter_rows(named=True):
        line, start, end = row["line"], row["start"], row["end"]
        if start is None and {fold(row["person"] or ""), fold(row["start_written"] or "")} & fold_words("total_words"):
            account.leave_out(TOTAL_ROW, 1, [line])
        elif start is None:
            account.reject("unreadable start", 1, [line])
        elif row["end_written"] and (end is None or end < start):
            account.reject("unreadable end" if end is None else "end before start", 1, [line])
        elif row["person"] and line in again:
            account.leave_out("identical duplicate", 1, [line])
        elif start > as_of:
            account.leave_out("starts after as_of", 1, [line])
        elif end is None and row["left"]:
            left_unknown.append(line)
        else:
            stints.append(Stint(row["person"] or f"line {line}", start, end, ((start, row["location"]),)))
    account.leave_out("has left, but no end date says when", len(left_unknown), left_unknown)
    account.refuse_above(settings.max_rejected)
    if not stints:
        raise UserError(
            "no-rows",
            f"has nobody who started by {as_of}",
            remedy="export everyone on the payroll, with their start dates",
            where=account.table.where(),
        )
    merged = tuple(_merged(stints))
    if len(merged) < len(stints):
        account.notes.append(f"{counted(len(stints) - len(merged), 'row')} continuing another row of the same person")
    return Roster(
        merged,
        has_ends=any(stint.end and stint.end <= as_of for stint in stints),
        has_locations=account.layout.has("location"),
        inputs=(account.input(min(stint.start for stint in stints), as_of),),
    )


def _rows(account: Account, today: date) -> pl.DataFrame:
    """The rows with typed values: start and end null where they can't be read (or there is none)."""
    layout = account.layout
    start = account.settle_dates("start", today, since=dates.FIRST_HIRE)
    ends = layout.has("end") and account.has_cells("end")
    end = account.settle_dates("end", today, since=dates.FIRST_HIRE, like=start) if ends else None
    left = [state.meaning() == "left" for state in layout.states]
    status = [text(pl.col(state.column)) for state in layout.states]
    rows = account.table.frame.select(
        "line",
        person=pl.concat_str(layout.text("person"), layout.text("first_name"), separator=" ", ignore_nulls=True),
        start=dates.day(layout.cell("start"), start, since=dates.FIRST_HIRE),
        end=dates.day(layout.cell("end"), end, since=dates.FIRST_HIRE) if end else pl.lit(None, pl.Date),
        start_written=layout.text("start"),
        end_written=layout.text("end").is_not_null(),
        left=pl.any_horizontal(pl.lit(value=False), *left).fill_null(value=False),
        status=pl.concat_str(pl.lit(""), *status, separator=" ", ignore_nulls=True),
        location=layout.text("location"),
    ).collect()
    account.refuse_foreign(rows["status"])
    return rows.with_columns(person=pl.when(pl.col("person") != "").then("person"))


def _merged(stints: Iterable[Stint]) -> Iterable[Stint]:
    """Join rows of one person that overlap or follow on within a day (moved, not left and rehired)."""
    open_stint: Stint | None = None
    for stint in sorted(stints, key=lambda item: (item.person, item.start)):
        goes_on = (
            open_stint is not None
            and open_stint.person == stint.person
            and (open_stint.end is None or stint.start <= open_stint.end + timedelta(days=1))
        )
        if open_stint is not None and goes_on:
            end = None if open_stint.end is None or stint.end is None else max(open_stint.end, stint.end)
            open_stint = Stint(stint.person, open_stint.start, end, (*open_stint.places, *stint.places))
            continue
        if open_stint is not None:
            yield open_stint
        open_stint = stint
    if open_stint is not None:
        yield open_stint
