"""The packaged stories tell their story, and every check can be explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from merchant_check.checks import CHECKS
from merchant_check.checks.check import Check
from merchant_check.render.words import SIGNS
from merchant_check.report import Status

from .running import Call, findings

IDS = [check.id for check in CHECKS]
STORIES = ("steady", "over-hired", "ad-burn")
STATUSES = ["skipped", "unknown", "ok", "warning", "critical"]
CRITICAL = {
    "over-hired": {"over-hiring", "locations", "inventory", "plan"},
    "ad-burn": {"second-order", "repeat-share", "marketing-share", "runway"},
}


def test_steady_is_all_in_step(call: Call) -> None:
    ran = call("demo", "steady", "--format", "json")

    assert (ran.code, ran.json["grade"], ran.json["verdict"]) == (0, "A", "in step")
    assert {item["status"] for item in findings(ran.json).values()} == {"ok"}
    assert set(findings(ran.json)) == set(IDS)


@pytest.mark.parametrize("story", CRITICAL)
def test_a_story_of_trouble_is_critical_where_it_should_be(call: Call, story: str) -> None:
    ran = call("demo", story, "--format", "json")

    critical = {name for name, item in findings(ran.json).items() if item["status"] == "critical"}
    assert CRITICAL[story] <= critical
    assert (ran.code, ran.json["grade"], ran.json["verdict"]) == (2, "F", "over-expanding")


def test_over_hired_keeps_its_customers(call: Call) -> None:
    found = findings(call("demo", "over-hired", "--format", "json").json)

    assert found["repeat-share"]["status"] == "ok"
    assert found["growth-pace"]["status"] == "ok"


def test_the_demo_needs_no_argument(call: Call) -> None:
    assert call("demo").stdout == call("demo", "steady").stdout


def test_the_demo_does_not_tell_where_it_lives(call: Call) -> None:
    document = call("demo", "--format", "json").json

    assert [source["path"] for source in document["inputs"]] == [
        "steady/orders.csv", "steady/staffing.csv", "steady/cash.csv"
    ]  # fmt: skip


@pytest.mark.parametrize("check", CHECKS, ids=IDS)
def test_explain_tells_all_about_a_check(call: Call, check: Check) -> None:
    document = check.document
    ran = call("explain", check.id)

    assert (ran.code, ran.err) == (0, "")
    said = (document.question, document.meaning, document.why, document.advice, document.window)
    for text in (*said, *document.traps, *document.evidence, document.source[1:], document.formula, document.recompute):
        assert " ".join(text.split()) in ran.words
    assert [line for line in ran.out.splitlines() if line and not line.startswith(" ")] == [
        f"{document.title} ({check.id}, {check.subject})",
        document.question,
        "What to do",
        f"For example, from: merchant-check demo {document.example}",
        "Lines",
        "What turns it",
        "Months judged",
        "What the figure does not see",
        "How sure it is",
        "Source",
        "Words",
        "For the analyst",
    ]
    assert max(map(len, ran.out.splitlines())) <= 80


@pytest.mark.parametrize("check", CHECKS, ids=IDS)
def test_the_example_is_what_the_demo_says(call: Call, check: Check) -> None:
    worst = max(STATUSES.index(demo_findings(call, story)[check.id]["status"]) for story in STORIES)
    shown = demo_findings(call, check.document.example)[check.id]

    example = call("explain", check.id).out.split("merchant-check demo ")[1].split("\nLines\n")[0]
    assert shown["status"] == STATUSES[worst]
    assert SIGNS[Status(shown["status"])] in example
    assert flat(shown["summary"]) in flat(example) or flat(shown["reason"]) in flat(example)


def demo_findings(call: Call, story: str) -> dict[str, dict[str, str]]:
    return findings(call("demo", story, "--format", "json").json)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_explain_lists_every_check(call: Call) -> None:
    ran = call("explain")

    assert [line.split()[0] for line in ran.out.splitlines() if line.startswith("  ")] == IDS
    assert "merchant-check explain CHECK" in ran.out


def test_explain_shows_the_lines_in_force(call: Call, tmp_path: Path) -> None:
    config = tmp_path / "shop.yaml"
    config.write_text("checks: {runway: {warning: 18}}\n")

    plain, changed = call("explain", "runway").words, call("explain", "runway", "-c", config).words

    assert "warning below 12 months" in plain
    assert "warning below 18 months" in changed
    assert "the default is warning below 12 months" in changed


def test_explain_shows_the_lines_of_the_category(call: Call, tmp_path: Path) -> None:
    config = tmp_path / "shop.yaml"
    config.write_text("merchant: {category: electronics}\n")

    assert "warning below 25%" in call("explain", "repeat-share", "-c", config).words


def test_explain_names_the_nearest_check(call: Call) -> None:
    ran = call("explain", "runwy")

    assert (ran.code, ran.out) == (3, "")
    assert ran.err == "merchant-check: no check is called 'runwy'; did you mean runway?\n"


def test_explain_tells_what_turns_a_check(call: Call) -> None:
    said = " ".join(call("explain", "growth-pace").out.split())
    assert (
        "What turns it - orders per person: more people in each of the latest 3 months; or fewer orders in each of the "
        "latest 3 months Months judged"
    ) in said


def test_explain_tells_what_room_to_grow_assumes(call: Call) -> None:
    ran = call("explain", "room-to-grow")
    assert (ran.code, ran.err) == (0, "")
    assert "all of them start in the first of the three months" in " ".join(ran.out.split())
    assert "explain room-to-grow" in call("explain").out
    assert "did you mean room-to-grow?" in call("explain", "room-to-grwo").err
