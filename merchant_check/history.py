"""Past runs in an SQLite file: one for each shop, day of its data and day of looking, and what has changed since."""

from __future__ import annotations

import math
import os
import signal
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from merchant_check.errors import UserError, clean, refusal
from merchant_check.report import Change, Finding, Report, Since, Status, Threshold, worst

APPLICATION_ID = 0x4D434849  # "MCHI": marks the file as ours
VERSION = 1  # of the tables below
PATIENCE = 30.0  # seconds to wait for another run that is writing
MOVED = 3  # how many of the figures that moved most are told

_MAGIC = b"SQLite format 3\0"
_HEADER = 100  # bytes; in them, big-endian, user_version at 60 and application_id at 68
_TABLES = (
    """create table run (
        merchant text not null, as_of text not null, run_on text not null, complete_to integer, status text not null,
        grade text not null, primary key (merchant, as_of, run_on))""",
    """create table standing (
        merchant text not null, as_of text not null, run_on text not null, place integer not null,
        "check" text not null, title text not null, status text not null, waived integer not null, value real,
        unit text not null, line real, primary key (merchant, as_of, run_on, place))""",
)
_RUNS = "select merchant, as_of, run_on, complete_to, status, grade from run"
_STANDINGS = 'select "check", title, status, waived, value, unit, line from standing'
_KEY = "merchant = ? and as_of = ? and run_on = ?"
_IN_USE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_IN_THE_WAY = {
    sqlite3.SQLITE_PERM: "permission denied",
    sqlite3.SQLITE_READONLY: "it is read-only",
    sqlite3.SQLITE_IOERR: "the disk fails",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_CANTOPEN: "it, or its folder, can't be opened",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a check, or the age of an input, stood in a run; `line` is the warning line then in force."""

    check: str
    title: str
    status: Status
    waived: bool
    value: float | None
    unit: str
    line: float | None


@dataclass(frozen=True, slots=True)
class Run:
    """What is kept of a report; no paths and nothing of the customers."""

    merchant: str
    as_of: date
    run_on: date
    complete_to: int | None
    status: Status
    grade: str
    standings: tuple[Standing, ...]


# --- from a report


def run_of(report: Report) -> Run:
    """What a report leaves behind."""
    name = report.facts.shop.name
    return Run(
        merchant=clean(name, len(name)),
        as_of=report.facts.as_of,
        run_on=report.facts.today,
        complete_to=report.complete_to,
        status=report.status,
        grade=report.grade,
        standings=(*map(_standing, report.findings), *_ages(report)),
    )


def _standing(finding: Finding) -> Standing:
    first = finding.first
    value = first.value if first and first.value is not None and math.isfinite(first.value) else None
    unit, line = (first.unit, first.threshold.warning) if first else ("", None)
    return Standing(finding.id, finding.title, finding.status, finding.waived is not None, value, unit, line)


def _ages(report: Report) -> Iterator[Standing]:
    """One for each role, so that data which grows too old is a change like any other."""
    for role in dict.fromkeys(source.role for source in report.inputs):
        ages = [source.freshness for source in report.inputs if source.role == role and source.freshness]
        if ages:
            youngest = min(age.days_old for age in ages)
            status = worst([age.status for age in ages])
            yield Standing(f"{role}-age", f"Age of {role}", status, False, youngest, "days", None)


def since(report: Report, last: Run | None) -> Since:
    """What has changed since `last`; without it every check is new."""
    before = {each.check: each for each in last.standings} if last else {}
    changes = [_change(before.get(now.check), now) for now in run_of(report).standings]
    lines = {finding.id: finding.first.threshold for finding in report.findings if finding.first}
    moved = [change for change in changes if change.check in lines and not change.turned and _way(change, lines) > 0]
    return Since(
        day=last.as_of if last else None,
        grade=last.grade if last else None,
        changes=tuple(change for change in changes if change.turned),
        moved=tuple(sorted(moved, key=lambda change: _way(change, lines), reverse=True)[:MOVED]),
    )


def _change(then: Standing | None, now: Standing) -> Change:
    return Change(
        check=now.check,
        title=now.title,
        before=then.status if then else None,
        after=now.status,
        was=then.value if then and then.unit == now.unit else None,
        now=now.value,
        unit=now.unit,
        waiver_ended=bool(then and then.waived and not now.waived and now.status.severity > 0),
    )


def _way(change: Change, lines: dict[str, Threshold]) -> float:
    """How far a figure has moved, in distances from its warning to its critical line: one measure for all units."""
    if change.was is None or change.now is None:
        return 0.0
    warning, critical = lines[change.check].warning, lines[change.check].critical
    gap = abs(critical - warning) if warning is not None and critical is not None else abs(warning or 0)
    return abs(change.now - change.was) / (gap or max(abs(change.now), abs(change.was)) or 1.0)


# --- the file


def check_ready(path: Path) -> None:
    """Raises UserError where a run can't be kept: the file is not ours, or can't be written."""
    folder = path.absolute().parent
    if not folder.is_dir():
        raise refusal(str(path), "bad-history", "there is no such folder", "make it, or name another file")
    if _is_there(path):
        with _opened(path) as store:
            _examine(store, path)
    if not os.access(folder, os.W_OK | os.X_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise _unwritable(path, "permission denied")


def save(path: Path, run: Run) -> None:
    """Keep a run, in place of one of the same shop, data and day; all of it or, where it fails, nothing."""
    _is_there(path)  # refuses what is none of ours
    with _opened(path, create=True) as store:
        store.execute("begin immediate")  # waits for its turn
        waiting = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})  # no journal left behind
        try:
            _prepare(store, path)
            _replace(store, run)
            store.execute("commit")
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, waiting)


def last_before(path: Path, run: Run) -> Run | None:
    """The shop's newest run on older data, or on the same data on an earlier day: so a change is told once, and a run
    is never its own baseline, however often it is repeated on one day."""
    condition = "where merchant = ? and (as_of, run_on) < (?, ?) order by as_of desc, run_on desc limit 1"
    values = (run.merchant, run.as_of.isoformat(), run.run_on.isoformat())
    return next(iter(_runs(path, condition, values)), None)


def all_runs(path: Path) -> list[Run]:
    """The last run on each day's data, by shop. Raises UserError where the file is none of ours or holds none."""
    runs = _runs(path, "order by merchant, as_of, run_on", ())
    found = list({(run.merchant, run.as_of): run for run in runs}.values())
    if not found:
        what = "it holds no run yet" if path.exists() else "there is no such file"
        raise refusal(str(path), "no-history", what, "a report with --history FILE adds one")
    return found


def by_merchant(runs: list[Run]) -> Iterator[tuple[str, list[Run]]]:
    """The runs of each shop, in the order in which all_runs gives them."""
    for merchant, group in groupby(runs, key=lambda run: run.merchant):
        yield merchant, list(group)


def _is_there(path: Path) -> bool:
    """Whether runs may stand in the file. Raises UserError where it is somebody else's; nothing in it is touched.

    Its header is read without SQLite, which would roll back or check out the changes of a foreign program. An empty
    file is what a first run leaves that was killed before it wrote.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise refusal(str(path), "bad-history", "it is no file", "name a file for the history")
        with path.open("rb") as stream:
            header = stream.read(_HEADER)
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name can't be used"
        raise refusal(str(path), "bad-history", f"cannot open it: {reason}", "name another file") from None
    if header:
        _recognise(header, path)
    return bool(header)


def _recognise(header: bytes, path: Path) -> None:
    version, application = (int.from_bytes(header[at : at + 4], "big") for at in (60, 68))
    if not header.startswith(_MAGIC) or application != APPLICATION_ID or version < 1:
        raise _foreign(path)
    if version > VERSION:
        message = "a newer version of merchant-check has written it"
        raise refusal(str(path), "bad-history", message, "use that version, or name another file")


@contextmanager
def _opened(path: Path, *, create: bool = False) -> Iterator[sqlite3.Connection]:
    """The file as SQLite sees it, its failures told as ours. Its usual journal is gone after every transaction."""
    address = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"  # rw also after a run that was killed
    try:
        with closing(sqlite3.connect(address, timeout=PATIENCE, isolation_level=None, uri=True)) as store:
            yield store
    except sqlite3.Error as error:
        raise _failed(path, error) from None


def _failed(path: Path, error: sqlite3.Error) -> UserError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code in _IN_USE:
        return refusal(str(path), "history-in-use", "another run is writing to it", "try again when that has ended")
    return _unwritable(path, _IN_THE_WAY[code]) if code in _IN_THE_WAY else _damaged(path)


def _unwritable(path: Path, reason: str) -> UserError:
    remedy = "check the folder, its permissions and the free space"
    return refusal(str(path), "bad-history", f"cannot use it as the history: {reason}", remedy)


def _damaged(path: Path) -> UserError:
    return refusal(str(path), "bad-history", "the history is damaged", "restore a copy, or move it away to begin anew")


def _foreign(path: Path) -> UserError:
    return refusal(str(path), "bad-history", "it is no history of merchant-check", "name another file")


def _examine(store: sqlite3.Connection, path: Path) -> bool:
    """Whether the file holds tables: a first run that was killed leaves none. Raises UserError where it is damaged."""
    if store.execute("pragma quick_check(1)").fetchall() != [("ok",)]:
        raise _damaged(path)
    return bool(store.execute("select count(*) from sqlite_master").fetchone()[0])


def _prepare(store: sqlite3.Connection, path: Path) -> None:
    """Examine the file, or set up a new one: nobody else can by now, and what was there first stays."""
    if not _examine(store, path):
        for statement in (*_TABLES, f"pragma application_id = {APPLICATION_ID}", f"pragma user_version = {VERSION}"):
            store.execute(statement)
    elif store.execute("pragma application_id").fetchone()[0] != APPLICATION_ID:
        raise _foreign(path)


def _replace(store: sqlite3.Connection, run: Run) -> None:
    key = (run.merchant, run.as_of.isoformat(), run.run_on.isoformat())
    for table in ("run", "standing"):
        store.execute(f"delete from {table} where {_KEY}", key)
    store.execute("insert into run values (?, ?, ?, ?, ?, ?)", (*key, run.complete_to, run.status.value, run.grade))
    store.executemany(
        "insert into standing values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (*key, place, each.check, each.title, each.status.value, each.waived, each.value, each.unit, each.line)
            for place, each in enumerate(run.standings)
        ],
    )


def _runs(path: Path, condition: str, values: tuple[str, ...]) -> list[Run]:
    if not _is_there(path):
        return []
    with _opened(path) as store:
        store.execute("begin")  # all of them as they stand at one moment
        if not _examine(store, path):
            return []
        try:
            return [_run(store, row) for row in store.execute(f"{_RUNS} {condition}", values).fetchall()]
        except (ValueError, TypeError):  # a day or a status that is none
            raise _damaged(path) from None


def _run(store: sqlite3.Connection, row: tuple[str, str, str, int | None, str, str]) -> Run:
    merchant, as_of, run_on, complete_to, status, grade = row
    rows = store.execute(f"{_STANDINGS} where {_KEY} order by place", (merchant, as_of, run_on))
    standings = tuple(
        Standing(check, title, Status(stood), bool(waived), _number(value), unit, _number(line))
        for check, title, stood, waived, value, unit, line in rows
    )
    days = date.fromisoformat(as_of), date.fromisoformat(run_on)
    return Run(merchant, *days, complete_to, Status(status), grade, standings)


def _number(stored: float | None) -> float | None:
    return None if stored is None else float(stored)
