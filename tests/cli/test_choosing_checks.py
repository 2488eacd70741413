"""--only and --skip leave checks out of the judgement, and a misspelt name gets the nearest."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import SAMPLES, Call, findings

CONFIG = SAMPLES / "over-hired" / "config.yaml"


def judged(call: Call, *arguments: str) -> set[str]:
    document = call("report", "-c", CONFIG, "--format", "json", *arguments).json
    return {name for name, found in findings(document).items() if found["status"] not in ("skipped", "unknown")}


def test_only_judges_the_checks_named(call: Call) -> None:
    assert judged(call, "--only", "runway") == {"runway"}
    assert judged(call, "--only", "runway", "--only", "growth-pace") == {"runway", "growth-pace"}


def test_skip_judges_the_others(call: Call) -> None:
    assert judged(call) - judged(call, "--skip", "plan", "--skip", "growth-pace") == {"plan", "growth-pace"}


def test_skip_wins_over_only(call: Call) -> None:
    assert judged(call, "--only", "runway", "--only", "plan", "--skip", "plan") == {"runway"}


@pytest.mark.parametrize(("check", "code"), [("growth-pace", 0), ("runway", 1), ("plan", 2)])
def test_the_code_is_that_of_the_checks_left(call: Call, check: str, code: int) -> None:
    assert call("report", "-c", CONFIG, "--only", check).code == code


def test_a_check_left_out_counts_in_no_grade(call: Call) -> None:
    document = call("report", "-c", CONFIG, "--format", "json", "--only", "repeat-share").json

    assert {subject["id"]: subject["grade"] for subject in document["subjects"]} == {
        "team": "–", "customers": "A", "cash": "–"
    }  # fmt: skip
    assert (document["grade"], document["status"]) == ("A", "ok")


def test_a_check_switched_off_in_the_config_says_why(call: Call, orders: Path, tmp_path: Path) -> None:
    config = tmp_path / "shop.yaml"
    config.write_text("checks: {repeat-share: {enabled: false, reason: gifts only}}\n")

    found = findings(call("report", orders, "-c", config, "--format", "json").json)["repeat-share"]

    assert (found["status"], found["reason"]) == ("skipped", "gifts only")


@pytest.mark.parametrize("option", ["--only", "--skip"])
@pytest.mark.parametrize(("typed", "meant"), [("runwy", "runway"), ("growth_pace", "growth-pace"), ("Plan", "plan")])
def test_a_misspelt_check_gets_the_nearest(call: Call, option: str, typed: str, meant: str) -> None:
    ran = call("report", "-c", CONFIG, option, typed)

    assert (ran.code, ran.out) == (3, "")
    assert f"no check is called '{typed}'" in ran.err
    assert meant in ran.err


def test_an_unknown_check_gets_the_way_to_the_list(call: Call) -> None:
    assert "'merchant-check explain' lists them" in call("report", "-c", CONFIG, "--only", "weather").err
