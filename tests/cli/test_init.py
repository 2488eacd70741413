"""init: a config that runs, asking only what the files leave open."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from .running import SAMPLES, Call, environment

STEADY = SAMPLES / "steady"
FILES = [STEADY / f"{role}.csv" for role in ("orders", "staffing", "cash")]
OPEN = 'id,date,amount,currency\n1,03/04/2025,"1,234",USD\n2,04/05/2025,"2,500",EUR\n3,05/05/2025,"2,400",EUR\n'


def test_the_config_runs_and_gives_the_same_report(call: Call, tmp_path: Path) -> None:
    config = tmp_path / "shop.yaml"
    ran = call("init", *FILES, "--output", config)
    assert ran.code == 0
    assert ran.out == f"Wrote {config}. Next: merchant-check report -c {config}\n"
    facts = call("report", *FILES, "--format", "json").json["facts"]
    assert call("report", "-c", config, "--format", "json").json["facts"] == facts


def test_a_sheet_for_two_roles_is_named_where_the_report_uses_it(call: Call, tmp_path: Path) -> None:
    """A roster beside a cash sheet with a headcount column: named for both roles, the config would not run."""
    (tmp_path / "roster.csv").write_text("person,start,end\n" + "".join(f"p{n},2023-01-01,\n" for n in range(6)))
    (tmp_path / "both.csv").write_text("month,headcount,cash_balance\n2026-09,5,100\n2026-10,5,90\n")
    call("init", FILES[0], tmp_path / "roster.csv", tmp_path / "both.csv", "-o", tmp_path / "shop.yaml")
    ran = call("report", "-c", tmp_path / "shop.yaml", "--format", "json", "--fail-on", "never")
    assert (ran.code, ran.err) == (0, "")
    assert [source["role"] for source in ran.json["inputs"]] == ["orders", "staffing", "cash"]


def test_paths_are_relative_to_the_config(call: Call, tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    orders = tmp_path / "exports" / "a [1].csv"
    orders.write_bytes((STEADY / "orders.csv").read_bytes())
    call("init", orders, "-o", tmp_path / "shop.yaml")
    assert '"exports/a [[]1].csv"' in (tmp_path / "shop.yaml").read_text()
    assert call("report", "-c", tmp_path / "shop.yaml").code == 0


def test_it_says_how_the_files_were_understood(call: Call, tmp_path: Path) -> None:
    call("init", *FILES, "-o", tmp_path / "shop.yaml")
    assert "orders.csv: orders, generic orders, 1,954 of 1,969 rows used" in (tmp_path / "shop.yaml").read_text()


def test_nothing_is_overwritten_unless_forced(call: Call, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("mine")
    ran = call("init", *FILES, "-o", config)
    assert (ran.code, config.read_text()) == (3, "mine")
    assert "--force" in ran.err
    assert call("init", *FILES, "-o", config, "--force").code == 0
    assert config.read_text() != "mine"


def test_without_files_it_writes_every_key(call: Call, tmp_path: Path) -> None:
    assert call("init", "-o", tmp_path / "all.yaml").code == 0
    example = Path(__file__).parents[2] / "config.example.yaml"
    assert (tmp_path / "all.yaml").read_text("utf-8") == example.read_text("utf-8")


def test_where_nobody_can_be_asked_a_guess_is_told(call: Call, tmp_path: Path) -> None:
    (tmp_path / "open.csv").write_text(OPEN)
    ran = call("init", tmp_path / "open.csv", "-o", tmp_path / "shop.yaml")
    assert ran.code == 0
    for setting in ("columns.orders.date_format", "columns.orders.decimal_mark", "merchant.currency"):
        assert f"{setting} is a guess" in ran.err
    written = (tmp_path / "shop.yaml").read_text()
    assert 'date_format: "DD/MM/YYYY"  # a guess: check it' in written
    assert 'currency: "EUR"' in written  # the most frequent
    found = call("report", "-c", tmp_path / "shop.yaml", "--format", "json").json
    assert found["facts"]["totals"]["revenue"] == 4900


def test_on_a_terminal_it_asks(tmp_path: Path) -> None:
    (tmp_path / "open.csv").write_text(OPEN)
    ours, theirs = pty.openpty()
    os.write(ours, b"x\n2\ncomma\n1\n")
    done = subprocess.run(
        [sys.executable, "-m", "merchant_check", "init", "open.csv"],
        cwd=tmp_path,
        env={**environment(), "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=theirs,
        stderr=theirs,
        stdout=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(theirs)
    asked = os.read(ours, 10_000).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "Which is it, 1 to 2?" in asked
    written = (tmp_path / "config.yaml").read_text()
    assert 'date_format: "MM/DD/YYYY"  # as answered' in written
    assert 'decimal_mark: "comma"  # as answered' in written


@pytest.mark.parametrize("arguments", [("--date-format", "orders=DD/MM/YYYY"), ("--date-format", "DD/MM/YYYY")])
def test_what_was_told_is_kept(call: Call, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "open.csv").write_text("id,date,amount\n1,03/04/2025,5.00\n")
    call("init", tmp_path / "open.csv", *arguments, "-o", tmp_path / "shop.yaml")
    assert 'date_format: "DD/MM/YYYY"  # as told' in (tmp_path / "shop.yaml").read_text()
    totals = call("report", "-c", tmp_path / "shop.yaml", "--format", "json").json["facts"]["totals"]
    assert totals["first_day"] == "2025-04-03"


def test_a_file_that_cannot_be_used_is_refused_and_nothing_written(call: Call, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    ran = call("init", tmp_path / "bad.csv", "-o", tmp_path / "shop.yaml")
    assert ran.code == 3
    assert "fits no role" in ran.err
    assert not (tmp_path / "shop.yaml").exists()


def test_standard_input_cannot_be_named_in_a_config(call: Call, tmp_path: Path) -> None:
    ran = call("init", "-", "-o", tmp_path / "shop.yaml")
    assert ran.code == 3
    assert "save it to a file" in ran.err
