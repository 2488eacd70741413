"""Rosters become stints of work: one person from a first day on, up to a last one if there is one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from merchant_check.errors import UserError
from merchant_check.read.account import Account, counted
from merchant_check.read.recognise import fold, fold_words
from merchant_check.read.values import is_missing, parse_day
from merchant_check.report import Input


@dataclass(frozen=True, slots=True)
class Stint:
    """A person's unbroken time on the payroll: start ≤ day < end."""

    person: str
    start: date
    end: date | None
    location: str | None

    def on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Roster:
    """All stints; `has_ends`: at least one person has an end date, so leavers are recorded at all."""

    stints: tuple[Stint, ...]
    has_ends: bool
    has_locations: bool
    input: Input


def read_roster(account: Account, as_of: date, max_rejected: float) -> Roster:
    """Read a roster as it stood on `as_of`. Raises UserError when too many rows can't be read or none is left."""
    columns = account.layout.columns
    wanted = {name: columns.get(name) for name in ("person", "start", "end", "status", "location")}
    rows = account.table.frame.select("line", *{column for column in wanted.values() if column}).collect()
    stints: list[Stint] = []
    left_unknown: list[int] = []
    seen: set[tuple[str | None, ...]] = set()
    again: list[int] = []
    for row in rows.iter_rows(named=True):
        cell = {name: (row[column] or "").strip() or None if column else None for name, column in wanted.items()}
        line, start, end = row["line"], parse_day(cell["start"]), parse_day(cell["end"])
        if start is None:
            account.reject("unreadable start", [line])
        elif not is_missing(cell["end"]) and (end is None or end < start):
            account.reject("unreadable end" if end is None else "end before start", [line])
        elif cell["person"] and tuple(cell.values()) in seen:
            again.append(line)
        elif start > as_of:
            account.leave_out("starts after as_of", 1, [line])
        elif end is None and cell["status"] and fold(cell["status"]) in fold_words("left_words"):
            left_unknown.append(line)
        else:
            stints.append(Stint(cell["person"] or f"line {line}", start, end, cell["location"]))
        seen.add(tuple(cell.values()))
    account.leave_out("identical duplicate", len(again), again)
    account.leave_out("has left, but no end date says when", len(left_unknown), left_unknown)
    account.refuse_above(max_rejected)
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
        has_locations="location" in columns,
        input=account.input(min(stint.start for stint in stints), as_of),
    )


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
            open_stint = Stint(stint.person, open_stint.start, end, stint.location or open_stint.location)
            continue
        if open_stint is not None:
            yield open_stint
        open_stint = stint
    if open_stint is not None:
        yield open_stint
