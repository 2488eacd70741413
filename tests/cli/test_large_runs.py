"""--memory-limit, --verbose and the progress bar: what a long run may take, and how it tells how far it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.console import Console

from merchant_check import screen
from merchant_check.commands import memory, meter
from merchant_check.commands.meter import Meter
from merchant_check.read import held

from .running import Call


@pytest.mark.parametrize(
    ("wanted", "size"),
    [("512M", 512e6), ("2GB", 2e9), ("1.5GiB", 1.5 * 2**30), ("64mib", 2**26), ("3 g", 3e9), ("100000000", 1e8)],
)
def test_sizes_are_written_as_people_write_them(wanted: str, size: float) -> None:
    assert memory.memory(wanted) == int(size)


@pytest.mark.parametrize("wanted", ["much", "-2GB", "2XB", "1K", "", "1.2.3G"])
def test_what_is_no_size_is_refused_with_how_to_write_it(call: Call, orders: Path, wanted: str) -> None:
    found = call("report", orders, "--memory-limit", wanted)
    assert found.code == 3
    assert "--memory-limit" in found.err
    assert wanted == "" or "write it like 512M, 2GB or 1.5GiB" in found.err


def test_without_a_limit_it_is_the_machines_or_the_containers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(memory, "CGROUP_LIMITS", ())
    machine = memory.memory(None)
    limit, boundless = tmp_path / "limit", tmp_path / "max"
    limit.write_text(f"{1 << 28}\n")
    boundless.write_text("max\n")
    monkeypatch.setattr(memory, "CGROUP_LIMITS", (str(boundless),))
    assert memory.memory(None) == machine > 1 << 28
    monkeypatch.setattr(memory, "CGROUP_LIMITS", (str(tmp_path / "none"), str(limit)))
    assert memory.memory(None) == 1 << 28


def test_a_limit_changes_no_figure(call: Call, orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "ROW_BYTES", 1 << 30)  # so that not even a small shop's rows fit
    monkeypatch.setattr(held, "PART_ROWS", 100)
    limited = call("report", orders, "--format", "json", "--memory-limit", "64MiB")
    monkeypatch.undo()
    assert limited.json["facts"] == call("report", orders, "--format", "json").json["facts"]


def test_verbose_tells_on_stderr_where_the_time_went(call: Call, orders: Path) -> None:
    usual, verbose = call("report", orders), call("report", orders, "--verbose")
    assert verbose.out == usual.out
    assert usual.err == ""
    steps = "checking the files, reading rows, settling orders, counting customers"
    times = ", ".join(rf"{step} [0-9]+\.[0-9] s" for step in steps.split(", "))
    assert re.fullmatch(rf"merchant-check: {times}; [0-9]+\.[0-9] s in all\n", verbose.err)


def test_a_steps_time_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(100))
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    shown = Meter([])  # 0
    with shown.step("settling orders"), shown.step("reading rows"):  # from 1 to 4, and from 2 to 3
        pass
    assert shown.seconds == {"reading rows": 1, "settling orders": 2}


def test_a_long_run_shows_rows_and_bytes_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "orders.csv"
    file.write_bytes(b"x" * 3_000_000)
    monkeypatch.setattr(meter, "PATIENCE", 0)
    monkeypatch.setattr(screen, "waiting", lambda: True)
    monkeypatch.setattr("rich.console.Console", lambda **kind: Console(**kind, force_terminal=True, width=100))
    shown = Meter([str(file)])
    with shown.step("reading rows", 4_000):
        shown.advance(1_000)
        shown.advance(2_000)
    shown.stop()
    err = capsys.readouterr().err
    assert "reading rows" in err
    assert "3,000 of 4,000 rows, 2 MB" in err
    assert err.endswith(("\x1b[2K", "\x1b[?25h"))  # the line is cleared, and the cursor there


def test_nobody_looks_nothing_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(meter, "PATIENCE", 0)
    shown = Meter([])
    with shown.step("reading rows", 4_000):
        shown.advance(4_000)
    shown.stop()
    assert capsys.readouterr().err == ""
