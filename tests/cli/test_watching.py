"""Runs that watch: files that are too old warn before anything else, and waived findings stay but do not count."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .running import SAMPLES, Call

STEADY = SAMPLES / "steady"
FILES = [STEADY / f"{role}.csv" for role in ("orders", "staffing", "cash")]
FORMATS = ("terminal", "json", "markdown", "html", "nagios")
OCTOBER_31, NOVEMBER_20 = "1793404800", "1795132800"


@pytest.fixture
def config(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        inputs = "".join(f"  {role}: {SAMPLES / 'ad-burn' / role}.csv\n" for role in ("orders", "staffing", "cash"))
        (tmp_path / "shop.yaml").write_text(f"inputs:\n{inputs}{text}")
        return tmp_path / "shop.yaml"

    return write


# ---- freshness


@pytest.mark.parametrize(("days", "code"), [("20", 0), ("19", 1), ("0", 1)])
def test_orders_older_than_told_are_a_warning(call: Call, days: str, code: int) -> None:
    """The newest order is of 31 October; looked at on 20 November it is 20 days old."""
    ran = call("report", *FILES, "--stale-after", days, SOURCE_DATE_EPOCH=NOVEMBER_20)
    assert ran.code == code
    assert ("The newest order is 20 days old: has the export stopped?" in ran.words) is bool(code)


def test_the_config_tells_it_too(call: Call, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("report: {stale_after_days: 10}\n")
    assert call("report", *FILES, "-c", tmp_path / "c.yaml", SOURCE_DATE_EPOCH=NOVEMBER_20).code == 1
    assert call("report", *FILES, "-c", tmp_path / "c.yaml", SOURCE_DATE_EPOCH=OCTOBER_31).code == 0
    arguments = ("-c", tmp_path / "c.yaml", "--stale-after", "30")
    assert call("report", *FILES, *arguments, SOURCE_DATE_EPOCH=NOVEMBER_20).code == 0


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_says_it_first(call: Call, form: str) -> None:
    out = call("report", *FILES, "--stale-after", "5", "--format", form, SOURCE_DATE_EPOCH=NOVEMBER_20).out
    assert "The newest order is 20 days old" in " ".join(out.split())


@pytest.mark.parametrize(("role", "months", "code"), [("staffing", 2, 0), ("staffing", 3, 1), ("cash", 3, 1)])
def test_a_sheet_that_ends_long_before_the_orders_is_a_warning(
    call: Call, tmp_path: Path, role: str, months: int, code: int
) -> None:
    cut = tmp_path / f"{role}.csv"
    cut.write_text("\n".join((STEADY / f"{role}.csv").read_text().splitlines()[:-months]) + "\n")
    files = [cut if file.stem == role else file for file in FILES]
    ran = call("report", *files, "--format", "json")
    assert ran.code == code
    fresh = {source["role"]: source["freshness"]["status"] for source in ran.json["inputs"]}
    assert fresh[role] == ("warning" if code else "ok")
    assert (f"The {role} file ends in July 2026, 3 months before the orders" in ran.json["headline"]) is bool(code)


def test_old_files_of_a_role_are_its_past(call: Call, tmp_path: Path) -> None:
    header, *rows = (STEADY / "orders.csv").read_text().splitlines()
    for name, part in (("old.csv", rows[:900]), ("new.csv", rows[900:])):
        (tmp_path / name).write_text("\n".join([header, *part]) + "\n")
    files = [tmp_path / "old.csv", tmp_path / "new.csv", *FILES[1:]]
    assert call("report", *files, "--stale-after", "30", SOURCE_DATE_EPOCH=NOVEMBER_20).code == 0


def test_the_grades_stay(call: Call) -> None:
    found = call("report", *FILES, "--stale-after", "5", "--format", "json", SOURCE_DATE_EPOCH=NOVEMBER_20).json
    assert (found["status"], found["grade"], found["verdict"]) == ("warning", "A", "watch")
    assert found["inputs"][0]["freshness"] == {"days_old": 20, "status": "warning"}


# ---- waivers


def waivers(*checks: str, until: str = "2026-12-31") -> str:
    lines = "".join(f"  - {{check: {check}, until: {until}, reason: bridge loan signed}}\n" for check in checks)
    return f"waivers:\n{lines}"


@pytest.fixture
def troubled(call: Call, config: Callable[[str], Path]) -> list[str]:
    subjects = call("report", "-c", config(""), "--format", "json").json["subjects"]
    findings = [finding for subject in subjects for finding in subject["findings"]]
    return [finding["id"] for finding in findings if finding["status"] in ("warning", "critical")]


def test_a_waived_finding_keeps_its_status_but_not_the_exit_code(
    call: Call, config: Callable[[str], Path], troubled: list[str]
) -> None:
    assert call("report", "-c", config("")).code == 2
    ran = call("report", "-c", config(waivers(*troubled)), "--format", "json", SOURCE_DATE_EPOCH=NOVEMBER_20)
    assert (ran.code, ran.json["status"], ran.json["exit_code"]) == (0, "critical", 0)
    findings = {finding["id"]: finding for subject in ran.json["subjects"] for finding in subject["findings"]}
    assert findings[troubled[0]]["waived"] == {"until": "2026-12-31", "reason": "bridge loan signed"}
    assert all(finding["waived"] is None for name, finding in findings.items() if name not in troubled)


def test_what_is_not_waived_still_counts(call: Call, config: Callable[[str], Path], troubled: list[str]) -> None:
    assert call("report", "-c", config(waivers(*troubled[1:])), SOURCE_DATE_EPOCH=NOVEMBER_20).code > 0


@pytest.mark.parametrize(("until", "code"), [("2026-11-20", 0), ("2026-11-19", 2)])
def test_a_waiver_ends_with_its_last_day(
    call: Call, config: Callable[[str], Path], troubled: list[str], until: str, code: int
) -> None:
    ran = call("report", "-c", config(waivers(*troubled, until=until)), SOURCE_DATE_EPOCH=NOVEMBER_20)
    assert ran.code == code
    assert ("the waiver ended on 2026-11-19, so it counts again" in ran.words) is bool(code)


@pytest.mark.parametrize("form", ["terminal", "markdown", "html"])
def test_it_is_shown_as_waived(call: Call, config: Callable[[str], Path], troubled: list[str], form: str) -> None:
    out = call("report", "-c", config(waivers(*troubled)), "--format", form, SOURCE_DATE_EPOCH=NOVEMBER_20).out
    assert "Waived until 31 Dec 2026: bridge loan signed." in " ".join(out.split())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("waivers: [{check: runwy, until: 2027-01-31, reason: x}]", "did you mean 'runway'?"),
        ("waivers: [{check: runway, reason: x}]", "waivers lacks the key until"),
        ("waivers: [{check: runway, until: soon, reason: x}]", "waivers.until must be a day"),
        ("waivers: [{check: runway, until: 2027-01-31}]", "waivers lacks the key reason"),
        ("waivers: runway", "must be a block of keys"),
    ],
)
def test_a_waiver_has_a_check_a_day_and_a_reason(
    call: Call, config: Callable[[str], Path], text: str, message: str
) -> None:
    ran = call("report", "-c", config(text))
    assert ran.code == 3
    assert message in ran.err
