"""Same input, same bytes, wherever and however the command is run; and a card that any locale can show."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .running import SAMPLES, TODAY, Call, environment, run

STORY = SAMPLES / "ad-burn" / "config.yaml"
ELSEWHERE = (
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1", "COLUMNS": "40", "FORCE_COLOR": "1"},
    {"TZ": "America/Los_Angeles", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "2", "COLUMNS": "200", "TERM": "dumb"},
)


@pytest.mark.parametrize("env", ELSEWHERE, ids=["pacific", "america"])
@pytest.mark.parametrize("name", ["card.json", "card.txt"])
def test_written_bytes_are_the_same_everywhere(call: Call, tmp_path: Path, name: str, env: dict[str, str]) -> None:
    here, there = tmp_path / name, tmp_path / "there"
    there.mkdir()

    call("report", "-c", STORY, "--output", here)
    ran = run("report", "-c", STORY, "--output", name, env=environment(**env), cwd=there)

    assert (ran.code, ran.out, ran.err) == (2, "", "")
    assert (there / name).read_bytes() == here.read_bytes()


def test_json_on_stdout_is_what_output_writes(call: Call, tmp_path: Path) -> None:
    call("report", "-c", STORY, "--output", tmp_path / "card.json")

    assert call("report", "-c", STORY, "--format", "json").stdout == (tmp_path / "card.json").read_bytes()


def test_the_order_of_rows_changes_nothing(call: Call, orders: Path, tmp_path: Path) -> None:
    header, *rows = orders.read_text().splitlines()
    turned = tmp_path / "turned" / "orders.csv"
    turned.parent.mkdir()
    turned.write_text("\n".join([header, *reversed(rows)]) + "\n")

    one, other = (call("report", path, "--format", "json").json for path in (orders, turned))

    assert {**one, "inputs": None} == {**other, "inputs": None}


def test_today_comes_from_source_date_epoch(call: Call, orders: Path) -> None:
    assert call("report", orders, "--format", "json").json["today"] == TODAY
    assert call("report", orders, "--format", "json", SOURCE_DATE_EPOCH="1793664000").json["today"] == "2026-11-03"


@pytest.mark.parametrize("epoch", ["soon", "1e9", "9" * 30])
def test_a_bad_source_date_epoch_is_refused(call: Call, orders: Path, epoch: str) -> None:
    ran = call("report", orders, SOURCE_DATE_EPOCH=epoch)

    assert ran.code == 3
    assert "SOURCE_DATE_EPOCH" in ran.err


@pytest.mark.parametrize("story", ["steady", "over-hired", "ad-burn"])
def test_the_c_locale_gets_pure_ascii(call: Call, story: str) -> None:
    ran = call("demo", story, LC_ALL="C")

    assert ran.stdout
    assert ran.stdout.isascii()


def test_the_c_locale_in_a_process_of_its_own() -> None:
    ran = run("demo", env=environment(LC_ALL="C", LANG="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0"))

    assert ran.code == 0
    assert ran.stdout.isascii()
    assert ran.stderr == b""


@pytest.mark.parametrize("locale", ["en_US.UTF-8", "C.utf8", "de_DE.UTF8"])
def test_a_utf_8_locale_gets_real_signs(call: Call, locale: str) -> None:
    assert "✔" in call("demo", LC_ALL="", LC_CTYPE="", LANG=locale).out


def test_cron_with_its_empty_environment_works(tmp_path: Path) -> None:
    ran = run("demo", env={}, cwd=tmp_path)

    assert (ran.code, ran.stderr) == (0, b"")
    assert b"Kettle Lane Tea" in ran.stdout
    assert os.listdir(tmp_path) == []
