"""Every story (a folder with orders.csv and more) against its golden report, and what each is there to show."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from merchant_check.commands import report as command
from merchant_check.commands.question import Question, asked
from merchant_check.commands.report import demo_report
from merchant_check.read.files import File
from merchant_check.render import outlook, words
from merchant_check.report import GradedPart, Report, Status
from merchant_check.watch import Watch

HERE = Path(__file__).parent
SMALL = sorted(path.parent.name for path in HERE.glob("*/orders.csv"))
SAMPLES = ["steady", "over-hired", "ad-burn"]
TODAY = "1794700800"  # 15 November 2026


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "SOURCE_DATE_EPOCH", TODAY)


def review(story: str) -> Report:
    if story in SAMPLES:
        return demo_report(story)
    folder = HERE / story
    config = folder / "config.yaml"
    files = [(str(path), None) for path in sorted(folder.glob("*.csv"))]
    what = asked(Question(files, str(config) if config.exists() else None))
    named = [File(file.path, Path(file.path).name) for file in what.files]
    return command._review(replace(what, files=named), command.Choice(), Watch())


def _part(part: GradedPart) -> str:
    line = words.line(part.threshold, part.unit, part.status)
    return " ".join(filter(None, (f"{part.id}: {part.status.value}", words.figure(part), line, part.reason)))


def digest(report: Report) -> str:
    """The report in under a hundred lines: grades, and for each check status, figures and what is said."""
    lines = [f"{report.grade} | {report.status.value} | {report.verdict} | {report.headline}"]
    for subject in report.subjects:
        lines.append(f"\n{subject.id} {subject.grade}")
        for finding in subject.findings:
            said = words.summary(finding, report.facts.shop.currency) if finding.status.judged else finding.reason
            lines.append(f"  {finding.status.value:<8} {finding.id}: {said}")
            lines += [f"           {_part(part)}" for part in finding.parts]
            lines += [f"           weak: {text}" for text in finding.weak_because]
            outlooks = (outlook.turning(finding, report.facts.shop.currency), outlook.trend(finding))
            lines += [f"           {text}" for text in outlooks if text]
    lines += ["", *(f"{lever}: {said}" for lever, said in outlook.rooms(report.room, report.facts.shop.currency))]
    for source in report.inputs:
        lines += ["", *words.input_facts(source)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("story", SAMPLES + SMALL)
def test_story_is_as_its_golden_report(story: str, request: pytest.FixtureRequest) -> None:
    golden = HERE / "golden" / f"{story}.txt"
    found = digest(review(story))
    if request.config.getoption("--update-golden"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(found, "utf-8")
    assert found == golden.read_text("utf-8")
    assert found.count("\n") < 100


def test_no_golden_report_is_orphaned() -> None:
    assert {path.stem for path in (HERE / "golden").iterdir()} == {*SAMPLES, *SMALL}


def statuses(report: Report) -> dict[str, Status]:
    return {finding.id: finding.status for finding in report.findings}


def test_steady_has_no_warning_and_judges_everything() -> None:
    report = review("steady")
    assert set(statuses(report).values()) == {Status.OK}
    assert (report.grade, report.verdict) == ("A", "in step")


def test_over_hired_is_critical_where_it_should_and_its_customers_look_fine() -> None:
    found = statuses(review("over-hired"))
    critical = {name for name, status in found.items() if status is Status.CRITICAL}
    assert critical == {"over-hiring", "locations", "burn-multiple", "inventory", "plan"}
    assert found["repeat-share"] is found["second-order"] is Status.OK


def test_ad_burn_is_critical_where_it_should() -> None:
    found = statuses(review("ad-burn"))
    for name in ("repeat-share", "second-order", "runway", "marketing-share", "acquisition-cost", "burn-share"):
        assert found[name] is Status.CRITICAL, name
    assert review("ad-burn").verdict == "over-expanding"


@pytest.mark.parametrize("story", sorted({*SMALL} - {"no-repeat"}))  # 200 orders, none a repeat: that is not thin
def test_thin_evidence_is_never_critical(story: str) -> None:
    assert Status.CRITICAL not in statuses(review(story)).values()


def test_sample_data_is_what_its_script_writes(tmp_path: Path) -> None:
    source = HERE.parents[1] / "sample_data"
    shutil.copy(source / "make.py", tmp_path)
    subprocess.run([sys.executable, str(tmp_path / "make.py")], check=True, capture_output=True)
    for story in SAMPLES:
        for path in (source / story).iterdir():
            assert (tmp_path / story / path.name).read_bytes() == path.read_bytes(), path


def test_golden_dates_are_fixed() -> None:
    assert review("steady").facts.today == date(2026, 11, 15)
