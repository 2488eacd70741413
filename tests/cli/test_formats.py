"""Every format: the same exit code, whole files by suffix, and refusals that a monitoring system can show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .running import Call

STORIES = {"steady": 0, "over-hired": 2, "ad-burn": 2}
FORMATS = ("terminal", "json", "markdown", "html", "nagios", "prometheus")
STARTS = {
    ".json": "{",
    ".md": "# ",
    ".html": "<!DOCTYPE html>",
    ".htm": "<!DOCTYPE html>",
    ".prom": "# HELP",
    ".txt": " ",
}
NAGIOS = {0: "OK", 1: "WARNING", 2: "CRITICAL", 3: "UNKNOWN"}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("story", "code"), STORIES.items())
def test_the_exit_code_is_the_same_in_every_format(call: Call, story: str, code: int, form: str) -> None:
    ran = call("demo", story, "--format", form)
    assert (ran.code, ran.err) == (code, "")
    assert ran.out.endswith("\n")


@pytest.mark.parametrize("form", FORMATS)
def test_so_it_is_with_fail_on_and_where_nothing_is_judged(call: Call, thin_orders: Path, form: str) -> None:
    assert call("demo", "over-hired", "--format", form, "--fail-on", "never").code == 0
    assert call("report", thin_orders, "--format", form).code == 3


@pytest.mark.parametrize(("suffix", "start"), STARTS.items())
def test_the_suffix_tells_the_format(call: Call, tmp_path: Path, suffix: str, start: str) -> None:
    target = tmp_path / f"report{suffix}"
    assert call("demo", "-o", target).code == 0
    assert target.read_text("utf-8").startswith(start)


def test_the_format_wins_over_the_suffix(call: Call, tmp_path: Path) -> None:
    call("demo", "-f", "markdown", "-o", tmp_path / "report.json")
    assert (tmp_path / "report.json").read_text("utf-8").startswith("# ")


@pytest.mark.parametrize(
    ("arguments", "code"), [(("steady",), 0), (("ad-burn",), 2), (("ad-burn", "--fail-on", "never"), 0)]
)
def test_the_state_that_nagios_reads_is_the_exit_code(call: Call, arguments: tuple[str, ...], code: int) -> None:
    ran = call("demo", *arguments, "--format", "nagios")
    assert ran.code == code
    assert ran.out.startswith(f"MERCHANT {NAGIOS[code]} - ")


def test_a_refusal_is_a_line_that_nagios_shows(call: Call, tmp_path: Path) -> None:
    ran = call("report", tmp_path / "no|where.csv", "--format", "nagios")
    assert ran.code == 3
    assert re.fullmatch(r"MERCHANT UNKNOWN - [^|\n]+\n", ran.out)
    assert ran.err.startswith("merchant-check: ")


@pytest.mark.parametrize("form", FORMATS)
def test_a_refusal_writes_no_file(call: Call, tmp_path: Path, form: str) -> None:
    target = tmp_path / "report"
    assert call("report", tmp_path / "nowhere.csv", "--format", form, "-o", target).code == 3
    assert not target.exists()


def test_html_without_its_library_says_how_to_get_it(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    ran = call("demo", "--format", "html")
    assert ran.code == 3
    assert "pip install 'merchant-check[html]'" in ran.err
