"""The plugin's output, read by a parser written from sections 2.5 and 2.6 of the Monitoring Plugins guidelines."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from merchant_check.commands.report import FAILS_FROM, demo_report, exit_code
from merchant_check.facts import MINOR, Shop
from merchant_check.render import nagios
from merchant_check.render.trouble import TROUBLE
from merchant_check.report import Part, Report, Status, Threshold

from . import shops, test_terminal
from .test_terminal import with_finding, with_name

NUMBER = r"-?\d+(?:\.\d+)?"
RANGE = rf"(?:(?:~|{NUMBER}):)?(?:{NUMBER})?"  # [@]start:end, the @ left out: we never alert inside
DATUM = re.compile(
    rf"'((?:[^'=|]|'')+)'=({NUMBER})(|%|s|B|c)(?:;({RANGE})(?:;({RANGE})(?:;{NUMBER}(?:;{NUMBER})?)?)?)?"
)
FIRST_LINE = re.compile(r"MERCHANT (OK|WARNING|CRITICAL|UNKNOWN) - ([^|\n]+?)(?: \| ([^|\n]+))?")
each_shop = pytest.mark.parametrize("shop", shops.ALL.values(), ids=shops.ALL)


@dataclass(frozen=True)
class Range:
    """2.5: start:end, "start:" without an end, "end" from 0, ~ minus infinity; it alerts outside, not at the ends."""

    start: float
    end: float

    @classmethod
    def read(cls, text: str) -> Range:
        start, colon, end = text.rpartition(":")
        low = -math.inf if start == "~" else float(start) if colon else 0.0
        return cls(low, float(end) if end else math.inf)

    def alerts(self, value: float) -> bool:
        return value < self.start or value > self.end


@dataclass(frozen=True)
class Datum:
    value: float
    unit: str
    warning: Range | None
    critical: Range | None


def perfdata(text: str) -> dict[str, Datum]:
    """2.6: 'label'=value[UOM];[warn];[crit];[min];[max], separated by blanks."""
    first = FIRST_LINE.fullmatch(text.splitlines()[0])
    assert first, text
    found = {}
    for word in (first[3] or "").split():
        match = DATUM.fullmatch(word)
        assert match, word
        label, value, unit, *ranges = match.groups()
        assert label not in found
        found[label] = Datum(float(value), unit, *(Range.read(line) if line else None for line in ranges))
    return found


def rendered(report: Report, fail_on: str = "warning") -> str:
    return nagios.render(report, exit_code=exit_code(report, fail_on))


def datum(check: str, *values: float | Part) -> Datum:
    """What stands of a finding's first figure."""
    return perfdata(rendered(with_finding(shops.critical(), shops.finding(check, *values))))[check]


@each_shop
def test_the_ranges_alert_where_the_figure_was_judged_to_be_beyond_its_line(shop: Callable[[], Report]) -> None:
    report = shop()
    found = perfdata(rendered(report))
    plain = [
        (found[finding.id if part is finding.first else f"{finding.id}.{part.id}"], part)
        for finding in report.findings
        for part in finding.parts
        if part.value is not None and part.status.judged and not part.reason  # a reason: softened, or no line says it
    ]
    assert plain
    for each, part in plain:
        assert bool(each.critical and each.critical.alerts(each.value)) == (part.status is Status.CRITICAL), part
        assert bool(each.warning and each.warning.alerts(each.value)) == (part.status is not Status.OK), part


@pytest.mark.parametrize(
    ("value", "lines", "text"),
    [
        (0.25, Threshold(0.25, 0.5, "lower"), "'x'=25%;~:25;~:50"),
        (-0.12, Threshold(-0.1, -0.25, "higher"), "'x'=-12%;-10:;-25:"),
        (1 / 3, Threshold(1 / 3, None, "higher"), "'x'=33.3333%;33.3333:"),
        (-1e-9, Threshold(None, 0.3, "lower"), "'x'=0%;;~:30"),
        (1e9, Threshold(None, None, "lower"), "'x'=100000000000%"),
    ],
)
def test_a_share_is_a_percentage_and_its_lines_likewise(value: float, lines: Threshold, text: str) -> None:
    for unit in ("share", "change", "points"):
        assert nagios.datum("x", value, unit, lines) == text


def test_other_units_have_no_sign_and_money_is_in_currency_units() -> None:
    assert nagios.datum("x", 8.25, "months", Threshold(12, 6, "higher")) == "'x'=8.25;12:;6:"
    assert nagios.datum("x", 100, "days", Threshold(90, 180, "lower")) == "'x'=100;~:90;~:180"
    assert nagios.datum("x", 12.5 * MINOR, "money", Threshold(10 * MINOR, None, "lower")) == "'x'=12.5;~:10"


def test_exactly_at_the_line_does_not_alert() -> None:
    low, high = datum("growth-pace", 0.25), datum("runway", 12)
    assert low.warning
    assert high.warning
    assert not low.warning.alerts(low.value)
    assert not high.warning.alerts(high.value)
    assert low.warning.alerts(low.value + 0.01)
    assert high.warning.alerts(high.value - 0.01)


def test_what_could_not_be_judged_has_no_figure() -> None:
    found = perfdata(rendered(shops.half_judged()))
    assert not {"turnover", "locations", "plan", "burn-share", "acquisition-cost.payback"} & set(found)
    assert {"growth-pace", "acquisition-cost", "runway"} <= set(found)
    assert "burn-multiple" not in perfdata(rendered(shops.critical()))  # critical, but not by a figure
    doubtful = shops.finding("runway", Part("months", 3, forced=Status.UNKNOWN))
    assert "runway" not in perfdata(rendered(with_finding(shops.critical(), doubtful)))


def test_without_a_figure_there_is_no_bar() -> None:
    findings = [shops.unjudged(check, f"no data for {check}") for check in shops.BY_ID]
    first, *details = rendered(shops.report(Shop(), findings)).splitlines()
    assert first == "MERCHANT UNKNOWN - Not judged. Nothing could be judged. Grade –: 18 unknown"
    assert details[0] == "[UNKNOWN] Growth pace: No data for growth-pace."
    assert len(details) == 18


@pytest.mark.parametrize("fail_on", FAILS_FROM)
@each_shop
def test_the_state_is_that_of_the_exit_code(shop: Callable[[], Report], fail_on: str) -> None:
    report = shop()
    text = rendered(report, fail_on)
    state, said = FIRST_LINE.fullmatch(text.splitlines()[0]).group(1, 2)  # type: ignore[union-attr]
    assert ("OK", "WARNING", "CRITICAL", "UNKNOWN").index(state) == exit_code(report, fail_on)
    assert said.endswith(nagios.PASSED_OVER) == (state == "OK" and report.status in TROUBLE)


def test_each_finding_in_trouble_has_a_line_the_worst_first() -> None:
    report = shops.critical()
    details = rendered(report).splitlines()[1:]
    assert len(details) == sum(finding.status in TROUBLE for finding in report.findings)
    assert [line.split()[0] for line in details] == sorted(line.split()[0] for line in details)
    advice = shops.BY_ID["growth-pace"].document.advice
    assert details[0] == f"[CRITICAL] Growth pace: +62% (max +50%). {advice}"


@pytest.mark.parametrize("nasty", ["a|b 'x'=1;2", "a\n| 'evil'=1\r\nMERCHANT OK", "\x1b[2K\u202e|\u2028|\udcff"])
def test_hostile_text_adds_no_line_and_no_figure(nasty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    harmless = rendered(with_name(test_terminal.hostile(), "x"))
    monkeypatch.setattr(test_terminal, "HOSTILE", nasty)
    text = rendered(test_terminal.hostile())
    assert text.count("|") == 1
    assert perfdata(text) == perfdata(harmless)
    assert len(text.splitlines()) == len(harmless.splitlines())
    assert not re.search(r"[^\n\x20-\U0010ffff]|[\x7f-\x9f\u202a-\u202e\ud800-\udfff]", text)


def test_hostile_text_in_the_details_adds_no_figure() -> None:
    broken = shops.finding("burn-multiple", Part("multiple", forced=Status.CRITICAL, missing="a|b\n|c"))
    text = rendered(with_finding(shops.critical(), broken))
    assert text.count("|") == 1
    assert "Burn multiple: a¦b\\x0a¦c. " in text


@pytest.mark.parametrize(("story", "state"), [("steady", "OK"), ("over-hired", "CRITICAL"), ("ad-burn", "CRITICAL")])
def test_a_story(story: str, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1794700800")
    report = demo_report(story)
    text = rendered(report)
    assert text == rendered(report)
    assert text.startswith(f"MERCHANT {state} - {report.facts.shop.name}: ")
    assert len(perfdata(text)) > 15
