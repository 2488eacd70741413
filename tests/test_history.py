"""The store of past runs: one run a shop and day, whole or not at all, and no file that is somebody else's touched."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from merchant_check import history
from merchant_check.errors import UserError, Where
from merchant_check.facts import Shop
from merchant_check.history import Run, Standing, all_runs, check_ready, last_before, save, since
from merchant_check.report import Status

from .render import shops

DAY = date(2026, 10, 31)
RUNWAY = Standing("runway", "Runway", Status.OK, False, 14.5, "months", 12.0)
RUN = Run("Lumen Lamps", DAY, DAY, 2026 * 12 + 9, Status.OK, "A", (RUNWAY,))
SAVING = """
import os, sqlite3, sys
from pathlib import Path
from merchant_check import history
from tests.test_history import RUN, numbered
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def keep(file: Path) -> None:
    """As a report does it; for root, who may write anywhere, some refusals come only when it is tried."""
    check_ready(file)
    save(file, RUN)


def on(day: date, status: Status = Status.OK, merchant: str = "Lumen Lamps") -> Run:
    return replace(RUN, merchant=merchant, as_of=day, status=status, standings=(replace(RUNWAY, status=status),))


def numbered(number: int) -> Run:
    return on(DAY - timedelta(days=number), merchant=f"shop {number % 3}")


def started(source: str, *arguments: str) -> subprocess.Popen[bytes]:
    root = Path(__file__).parents[1]
    return subprocess.Popen(
        [sys.executable, "-c", SAVING + source, *arguments], env={**os.environ, "PYTHONPATH": str(root)}
    )


# --- keeping runs


def test_a_run_comes_back_as_it_was_kept(file: Path) -> None:
    unknown = replace(RUNWAY, check="plan", status=Status.UNKNOWN, waived=True, value=None, unit="", line=None)
    run = replace(RUN, complete_to=None, standings=(RUNWAY, unknown))

    save(file, run)

    assert all_runs(file) == [run]


def test_the_same_day_replaces(file: Path) -> None:
    save(file, replace(on(DAY), standings=(RUNWAY, replace(RUNWAY, check="plan"))))
    save(file, on(DAY, Status.CRITICAL))

    assert all_runs(file) == [on(DAY, Status.CRITICAL)]


def test_shops_in_one_file_stay_apart(file: Path) -> None:
    for merchant in ("b", "a", ""):
        for day in (DAY, DAY - timedelta(days=1)):
            save(file, on(day, merchant=merchant))

    assert [(run.merchant, run.as_of.day) for run in all_runs(file)] == [
        (merchant, day) for merchant in ("", "a", "b") for day in (30, 31)
    ]
    assert last_before(file, on(DAY, merchant="a")) == on(DAY - timedelta(days=1), merchant="a")


def test_the_baseline_is_the_newest_run_of_an_earlier_day(file: Path) -> None:
    for back in (0, 3, 9):
        save(file, on(DAY - timedelta(days=back)))

    assert last_before(file, on(DAY)) == on(DAY - timedelta(days=3))
    assert last_before(file, on(DAY - timedelta(days=9))) is None
    assert last_before(file, on(DAY, merchant="another")) is None


def test_the_same_data_on_a_later_day_is_compared_with_the_earlier_look(file: Path) -> None:
    """Else a change would be told again every day, until the export moves on."""
    for later in (0, 1, 2):
        save(file, replace(on(DAY), run_on=DAY + timedelta(days=later)))

    assert last_before(file, replace(on(DAY), run_on=DAY + timedelta(days=2))) == replace(
        on(DAY), run_on=DAY + timedelta(days=1)
    )
    assert last_before(file, on(DAY)) is None
    assert [run.run_on for run in all_runs(file)] == [DAY + timedelta(days=2)]


def test_nothing_but_the_file_is_left(file: Path) -> None:
    save(file, RUN)
    all_runs(file)

    assert os.listdir(file.parent) == [file.name]


@pytest.mark.parametrize("name", [":memory:", "a?mode=ro#b.db", "100%20.db", "Läden 店.db"])
def test_any_name_is_a_file(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    save(Path(name), RUN)

    assert os.listdir(tmp_path) == [name]
    assert all_runs(Path(name)) == [RUN]


def test_a_name_is_stored_as_it_can_be_shown_and_found_again(file: Path) -> None:
    report = replace(shops.healthy(), facts=replace(shops.healthy().facts, shop=Shop("Evil\x1b[2J\udcff")))
    run = history.run_of(report)

    save(file, run)

    assert run.merchant.isprintable()
    assert last_before(file, replace(run, as_of=DAY + timedelta(days=1))) == run


# --- many at once


def test_concurrent_writers_all_arrive(file: Path) -> None:
    source = "for number in range(int(sys.argv[2]), 24, 4): history.save(Path(sys.argv[1]), numbered(number))"
    writers = [started(source, str(file), str(start)) for start in range(4)]

    assert [writer.wait(60) for writer in writers] == [0] * 4
    expected = sorted(map(numbered, range(24)), key=lambda run: (run.merchant, run.as_of))
    assert all_runs(file) == expected
    assert os.listdir(file.parent) == [file.name]


def test_a_writer_waits_for_its_turn_and_says_when_it_got_none(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(file, RUN)
    monkeypatch.setattr(history, "PATIENCE", 0.05)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("begin immediate")

    with pytest.raises(UserError, match="another run is writing to it"):
        save(file, on(DAY, Status.CRITICAL))

    other.close()
    assert all_runs(file) == [RUN]


@pytest.mark.parametrize("kept", [0, 2])
def test_a_killed_writer_leaves_the_runs_before_it(file: Path, kept: int) -> None:
    """Killed in its transaction; not the first one after pages have reached the disk, which its journal undoes."""
    for number in range(kept):
        save(file, on(DAY - timedelta(days=number)))
    killed = started(
        """
def spilling(store, run):
    store.execute("pragma cache_size = 1")
    for _ in range(int(sys.argv[2])):
        store.execute("insert into run values (hex(randomblob(400)), '2026-01-01', '2026-01-01', 1, 'ok', 'A')")
    os.kill(os.getpid(), 9)
history._replace = spilling
history.save(Path(sys.argv[1]), RUN)
""",
        *(str(file), "200" if kept else "2"),
    )

    assert killed.wait(60) == -9
    assert (file.stat().st_size > 100_000) is bool(kept)
    check_ready(file)
    save(file, on(DAY + timedelta(days=1)))
    assert len(all_runs(file)) == kept + 1
    assert os.listdir(file.parent) == [file.name]


# --- files that are none of ours


def damaged(file: Path) -> None:
    for number in range(200):
        save(file, numbered(number))
    content = bytearray(file.read_bytes())
    content[4096 + 8 : 4096 + 600] = b"\xff" * 592
    file.write_bytes(content)


def cut(file: Path) -> None:
    for number in range(60):
        save(file, numbered(number))
    file.write_bytes(file.read_bytes()[:-4096])


def foreign(file: Path) -> None:
    with sqlite3.connect(file) as store:
        store.execute("create table run (merchant text)")
    store.close()


def foreign_in_wal_mode(file: Path) -> None:
    """A program that died: its last changes stand in a file beside, which a stranger must not check in."""
    source = (
        "import os, sqlite3, sys; store = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "store.execute('pragma journal_mode = wal'); store.execute('create table theirs (a)'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", source, str(file)], check=False)


def newer(file: Path) -> None:
    save(file, RUN)
    with sqlite3.connect(file) as store:
        store.execute("pragma user_version = 2")
    store.close()


def without_tables(file: Path) -> None:
    save(file, RUN)
    with sqlite3.connect(file) as store:
        store.execute("drop table standing")
    store.close()


def with_nonsense(file: Path) -> None:
    save(file, RUN)
    with sqlite3.connect(file) as store:
        store.execute("update standing set status = 'splendid'")
    store.close()


def text(file: Path) -> None:
    file.write_text("order_id,amount\n1,2\n" * 20)


FOREIGN: dict[Callable[[Path], None], str] = {
    text: "it is no history of merchant-check",
    foreign: "it is no history of merchant-check",
    foreign_in_wal_mode: "it is no history of merchant-check",
    newer: "a newer version of merchant-check has written it",
    damaged: "the history is damaged",
    cut: "the history is damaged",
}
UNREADABLE = {**FOREIGN, without_tables: "the history is damaged", with_nonsense: "the history is damaged"}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("make", FOREIGN, ids=lambda make: make.__name__)
def test_a_run_is_never_written_into_what_is_no_sound_history(file: Path, make: Callable[[Path], None]) -> None:
    make(file)
    before = contents(file.parent)

    with pytest.raises(UserError, match=FOREIGN[make]) as caught:
        check_ready(file)
    with pytest.raises(UserError, match=FOREIGN[make]):
        save(file, RUN)

    assert caught.value.where == Where(str(file))
    assert contents(file.parent) == before


@pytest.mark.parametrize("make", UNREADABLE, ids=lambda make: make.__name__)
def test_nor_are_runs_read_from_it(file: Path, make: Callable[[Path], None]) -> None:
    make(file)
    before = contents(file.parent)

    with pytest.raises(UserError, match=UNREADABLE[make]):
        all_runs(file)

    assert contents(file.parent) == before


def test_a_file_of_which_nothing_was_written_is_a_new_one(file: Path) -> None:
    file.touch()

    check_ready(file)
    assert last_before(file, on(DAY, merchant="")) is None
    with pytest.raises(UserError, match="it holds no run yet"):
        all_runs(file)
    save(file, RUN)

    assert all_runs(file) == [RUN]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (".", "it is no file"),
        ("nowhere/history.db", "there is no such folder"),
        ("pipe", "it is no file"),
        ("/dev/null", "it is no file"),
        ("/proc/history.db", "cannot use it as the history: "),
        ("a\0b", "its name can't be used"),
    ],
)
def test_where_no_file_can_be_is_refused(tmp_path: Path, name: str, message: str) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(UserError, match=message):
        keep(tmp_path / name)

    assert os.listdir(tmp_path) == ["pipe"]


def test_a_folder_without_the_right_to_write(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(file, RUN)
    before = contents(file.parent)
    monkeypatch.setattr(os, "access", lambda path, mode: path != file.parent)

    with pytest.raises(UserError, match="cannot use it as the history: permission denied"):
        check_ready(file)

    assert contents(file.parent) == before


def test_no_such_history_is_said(file: Path) -> None:
    with pytest.raises(UserError, match="there is no such file"):
        all_runs(file)
    assert not file.exists()


# --- what has changed


def test_without_an_earlier_run_everything_is_new() -> None:
    found = since(shops.healthy(), None)

    assert found.matters
    assert {change.before for change in found.changes} == {None}
    assert [change.check for change in found.changes] == [each.id for each in shops.healthy().findings]
    assert not found.moved


def test_the_same_again_is_no_change() -> None:
    found = since(shops.critical(), history.run_of(shops.critical()))

    assert (found.changes, found.moved, found.matters) == ((), (), False)


def test_what_turned_and_what_moved_most() -> None:
    found = since(shops.critical(), history.run_of(shops.healthy()))

    turned = {change.check: (change.before, change.after) for change in found.changes}
    assert turned["growth-pace"] == (Status.OK, Status.CRITICAL)
    assert turned["plan"] == (Status.OK, Status.SKIPPED)
    assert turned["locations"] == (Status.UNKNOWN, Status.WARNING)
    assert "over-hiring" not in turned
    assert [change.check for change in found.moved] == ["active-customers", "burn-share", "retained-revenue"]


@pytest.mark.parametrize(
    ("before", "after", "matters"),
    [
        (Status.OK, Status.WARNING, True),
        (Status.CRITICAL, Status.WARNING, True),
        (Status.CRITICAL, Status.OK, True),
        (Status.CRITICAL, Status.UNKNOWN, True),
        (Status.OK, Status.SKIPPED, True),
        (Status.UNKNOWN, Status.OK, True),
        (Status.UNKNOWN, Status.SKIPPED, False),
        (Status.WARNING, Status.WARNING, False),
    ],
)
def test_which_turns_matter(before: Status, after: Status, matters: bool) -> None:
    change = history._change(replace(RUNWAY, status=before), replace(RUNWAY, status=after))

    assert change.matters is matters


def test_the_end_of_a_waiver_matters() -> None:
    waived = replace(RUNWAY, status=Status.CRITICAL, waived=True)

    assert history._change(waived, replace(waived, waived=False)).matters
    assert not history._change(waived, waived).matters
    assert not history._change(replace(waived, waived=False), waived).matters
