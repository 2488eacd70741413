"""The textfile: what promtool and a parser written from the text exposition format read is what the report says."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from merchant_check.commands.report import demo_report
from merchant_check.facts import MINOR, Shop
from merchant_check.read.account import ReadSettings
from merchant_check.read.files import File
from merchant_check.render import prometheus, words
from merchant_check.report import Freshness, Part, Report, Status, Threshold, Waiver
from merchant_check.review import Request, review

from . import shops, test_terminal
from .test_terminal import with_finding, with_name

LABEL = r'([a-z_]+)="((?:[^"\\\n]|\\[\\"n])*)"'
SAMPLE = re.compile(rf"(merchant_check_[a-z_]+)(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?\d+(?:\.\d+)?)")
PROMTOOL = shutil.which("promtool")
HOSTILE = 'a"b\\c\n# TYPE x gauge\r\nevil{x="1"} 1\u2028\u202e\x1b[2K\udcff\\'
each_shop = pytest.mark.parametrize("shop", shops.ALL.values(), ids=shops.ALL)

Labels = frozenset[tuple[str, str]]


def samples(text: str) -> dict[str, dict[Labels, float]]:
    """The values by metric and labels; each metric's lines stand together, after its HELP and TYPE."""
    assert text.endswith("\n")
    found: dict[str, dict[Labels, float]] = {}
    for line in text.removesuffix("\n").split("\n"):
        if help_of := re.fullmatch(r"# HELP (\w+) \S.*", line):
            assert help_of[1] not in found
            found[help_of[1]] = {}
        elif line.startswith("#"):
            assert line == f"# TYPE {list(found)[-1]} gauge"
            assert not found[list(found)[-1]]
        else:
            match = SAMPLE.fullmatch(line)
            assert match, line
            pairs = re.findall(LABEL, match[2] or "")
            labels = frozenset((name, re.sub(r"\\(.)", r"\1", value)) for name, value in pairs)
            assert match[1] == list(found)[-1]
            assert labels not in found[match[1]]
            found[match[1]][labels] = float(line.rpartition(" ")[2])
    assert all(found.values())
    return found


def value(report: Report, metric: str, **labels: str) -> float:
    """The one sample with these labels, among others."""
    found = samples(prometheus.render(report))[f"merchant_check_{metric}"]
    (only,) = [each for have, each in found.items() if have >= frozenset(labels.items())]
    return only


def check_with_promtool(text: str) -> None:
    if PROMTOOL:
        done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")


@each_shop
def test_the_status_of_every_check_that_was_tried(shop: Callable[[], Report]) -> None:
    report = shop()
    found = samples(prometheus.render(report))["merchant_check_status"]
    numbers = {"ok": 0, "warning": 1, "critical": 2, "unknown": 3}
    always = {("merchant", report.facts.shop.name)} if report.facts.shop.name else set()
    assert found == {
        frozenset({("check", finding.id), ("subject", finding.subject), *always}): numbers[finding.status]
        for finding in report.findings
        if finding.status != "skipped"
    }


def test_figures_and_their_lines() -> None:
    report = shops.critical()
    assert value(report, "figure", check="growth-pace", part="pace", unit="change") == 0.62
    assert value(report, "threshold", check="growth-pace", part="pace", line="warning") == 0.25
    assert value(report, "threshold", check="growth-pace", part="pace", line="critical") == 0.5
    assert value(report, "figure", check="repeat-share", part="change", unit="points") == -0.07
    assert value(report, "figure", check="inventory", part="days", unit="days") == 150
    assert value(report, "threshold", check="runway", part="months", line="critical") == 6


def test_what_could_not_be_judged_has_no_figure_and_no_line() -> None:
    for name in ("figure", "threshold"):
        found = samples(prometheus.render(shops.half_judged()))[f"merchant_check_{name}"]
        names = {(dict(labels)["check"], dict(labels)["part"]) for labels in found}
        assert not {"turnover", "locations", "plan", "burn-share"} & {check for check, _ in names}
        assert ("acquisition-cost", "change") in names
        assert ("acquisition-cost", "payback") not in names
    doubtful = with_finding(shops.critical(), shops.finding("runway", Part("months", 3, forced=Status.UNKNOWN)))
    assert value(doubtful, "status", check="runway") == 3
    assert 'check="runway",part=' not in prometheus.render(doubtful)


def test_a_line_that_is_not_there_is_left_out() -> None:
    found = samples(prometheus.render(shops.healthy()))["merchant_check_threshold"]
    assert [dict(labels)["line"] for labels in found if ("check", "turnover") in labels] == ["warning"]


def test_a_line_at_zero_is_a_line_and_a_zero_has_no_minus() -> None:
    pace = Part("pace", -1e-9, threshold=Threshold(0.0, 0.5, "lower"))
    report = with_finding(shops.critical(), shops.finding("growth-pace", pace))
    assert value(report, "threshold", check="growth-pace", line="warning") == 0
    assert re.search(r'figure\{check="growth-pace",.*\} 0\n', prometheus.render(report))


def test_money_is_in_currency_units() -> None:
    made = shops.finding("growth-pace", 0.1)
    lines = Threshold(10 * MINOR, None, "lower")
    part = replace(made.parts[0], unit="money", value=12.5 * MINOR, threshold=lines)
    report = with_finding(shops.critical(), replace(made, parts=(part,)))
    assert value(report, "figure", check="growth-pace", unit="money") == 12.5
    assert value(report, "threshold", check="growth-pace", line="warning") == 10


def test_orders_rows_and_the_last_day() -> None:
    report = shops.critical()
    midnight = datetime(2026, 10, 31, tzinfo=UTC).timestamp()
    assert value(report, "orders") == 48_001
    assert value(report, "last_data_day_timestamp_seconds") == midnight
    file = {"role": "orders", "file": "orders.csv"}
    assert value(report, "input_rows_read", **file) == 48_210
    assert value(report, "input_rows_used", **file) == 48_001
    assert value(report, "input_rows_rejected", **file) == 13
    assert value(report, "input_rows_rejected", role="cash", file="cash.csv") == 0


def test_files_of_one_name_are_one_sample() -> None:
    report = shops.critical()
    again = replace(report.inputs[0], path="archive/orders.csv", rows_read=10)
    report = replace(report, inputs=(*report.inputs, again))
    assert value(report, "input_rows_read", role="orders", file="orders.csv") == 48_220
    check_with_promtool(prometheus.render(report))


def test_the_merchant_is_a_label_only_where_it_has_a_name() -> None:
    assert "merchant=" not in prometheus.render(with_name(shops.critical(), ""))
    assert "\nmerchant_check_orders 48001\n" in prometheus.render(with_name(shops.critical(), ""))
    assert '\nmerchant_check_orders{merchant="Snap Basket"} 48001\n' in prometheus.render(shops.critical())


def test_hostile_names_are_label_values_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_terminal, "HOSTILE", HOSTILE)
    report = test_terminal.hostile()
    text = prometheus.render(report)
    shown = words.clean(HOSTILE)
    assert value(report, "orders", merchant=shown) == 48_001
    assert value(report, "input_rows_read", role=shown, file=shown) == 3
    assert not re.search(r"[^\n\x20-\U0010ffff]|[\x7f-\x9f\u2028\u202a-\u202e\ud800-\udfff]", text)
    check_with_promtool(text)


def test_a_hostile_file(tmp_path: Path) -> None:
    path = tmp_path / 'a"b\\c\n{x="1"} 1.csv'
    path.write_text("order_id,date,amount\n1,2026-03-01,10.00\n2,2026-03-02,<b>|\n3,2026-03-03,5\n")
    report = review(Request([File(str(path), str(path))], ReadSettings(date(2026, 4, 2), max_rejected=0.5), Shop()))
    file = {"role": "orders", "file": words.clean(path.name)}
    counts = [value(report, f"input_rows_{name}", **file) for name in ("read", "used", "rejected")]
    assert counts == [3, 2, 1]
    check_with_promtool(prometheus.render(report))


@pytest.mark.parametrize("story", ["steady", "over-hired", "ad-burn"])
def test_a_story(story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1794700800")
    text = prometheus.render(demo_report(story))
    assert len(samples(text)) == 12
    check_with_promtool(text)


def test_waivers_and_old_inputs_are_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1794700800")
    report = demo_report("steady")
    plain = prometheus.render(report)
    assert 'merchant_check_waived{check="runway",merchant="Kettle Lane Tea"} 0' in plain
    assert 'merchant_check_input_stale{role="orders",merchant="Kettle Lane Tea"} 0' in plain
    old = Freshness(40, Status.WARNING, "The newest order is 40 days old.")
    aged = replace(report, inputs=tuple(replace(source, freshness=old) for source in report.inputs))
    assert 'merchant_check_input_stale{role="orders",merchant="Kettle Lane Tea"} 1' in prometheus.render(aged)
    runway = next(finding for finding in report.findings if finding.id == "runway")
    waived = with_finding(report, replace(runway, waived=Waiver(date(2027, 1, 31), "bridge loan signed")))
    assert 'merchant_check_waived{check="runway",merchant="Kettle Lane Tea"} 1' in prometheus.render(waived)
