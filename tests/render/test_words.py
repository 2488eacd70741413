"""Words: every unit, the plural, the minus, nothing, far too much; and characters that must not reach a terminal."""

from __future__ import annotations

import math
import subprocess
import sys
from datetime import date

import pytest

from merchant_check.facts import MINOR
from merchant_check.render import words
from merchant_check.report import GradedPart, Quantity, SetAside, Status, Threshold

from . import shops


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.31, "share", "31%"),
        (0.042, "share", "4.2%"),
        (0.05, "share", "5%"),
        (0.0996, "share", "10%"),
        (-0.04, "share", "−4%"),
        (0, "share", "0%"),
        (1, "share", "100%"),
        (0.62, "change", "+62%"),
        (-0.12, "change", "−12%"),
        (0.042, "change", "+4.2%"),
        (0.0, "change", "0%"),
        (-0.0001, "change", "0%"),
        (12.4, "change", "+1,240%"),
        (-0.05, "points", "−5 points"),
        (0.01, "points", "+1 point"),
        (-0.01, "points", "−1 point"),
        (0.31, "points", "+31 points"),
        (0.053, "points", "+5.3 points"),
        (6.2, "months", "6.2 months"),
        (1, "months", "1 month"),
        (1.04, "months", "1 month"),
        (0, "months", "0 months"),
        (14.5, "months", "14.5 months"),
        (24, "months", "24 months"),
        (30.4, "months", "30 months"),
        (150, "days", "150 days"),
        (150.4, "days", "150 days"),
        (1, "days", "1 day"),
        (1.8, "multiple", "1.8×"),
        (12, "multiple", "12×"),
        (-0.2, "multiple", "−0.2×"),
        (1240, "count", "1,240"),
        (3.4, "count", "3.4"),
        (1, "count", "1"),
        (1, "orders", "1 order"),
        (1240, "orders", "1,240 orders"),
        (1, "people", "1 person"),
        (29, "people", "29 people"),
        (1, "customers", "1 customer"),
        (0, "hires", "0 hires"),
        (1, "hires", "1 hire"),
        (1, "locations", "1 location"),
        (1, "hours", "1 hour"),
        (-8, "hires", "−8 hires"),
        (4, "parcels", "4 parcels"),
        (1e15, "orders", "1,000,000,000,000,000 orders"),
        (math.inf, "months", "– months"),
        (math.nan, "share", "–"),
    ],
)
def test_amount(value: float, unit: str, text: str) -> None:
    assert words.amount(value, unit) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 EUR"),
        (0.5, "0.50 EUR"),
        (14.2, "14.20 EUR"),
        (99.999, "100 EUR"),
        (100, "100 EUR"),
        (1240.4, "1,240 EUR"),
        (-1240, "−1,240 EUR"),
        (999_999.4, "999,999 EUR"),
        (999_999.7, "1.00 M EUR"),
        (1_240_000, "1.24 M EUR"),
        (-12_400_000, "−12.4 M EUR"),
        (1_240_000_000, "1,240 M EUR"),
    ],
)
def test_money_is_rounded_as_people_say_it(value: float, text: str) -> None:
    assert words.amount(value * MINOR, "money", "EUR") == text


def test_money_without_a_currency_has_no_code() -> None:
    assert words.amount(1240 * MINOR, "money") == "1,240"


def test_counted_and_listed() -> None:
    assert [words.counted(number, "rows") for number in (0, 1, 1240)] == ["0 rows", "1 row", "1,240 rows"]
    assert [words.listed(list(names)) for names in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]


def part(value: float | None, warning: float | None, critical: float | None, unit: str = "share") -> GradedPart:
    threshold = Threshold(warning, critical, "lower")
    status = Status.UNKNOWN if value is None else threshold.judge(value)
    return GradedPart("id", "Title", value, unit, None, None, threshold, status, "")


@pytest.mark.parametrize(
    ("value", "text"), [(0.31, "31%"), (0.25, "25%"), (0.2504, "25.04%"), (0.253, "25.3%"), (0.5001, "50.01%")]
)
def test_a_figure_never_looks_like_the_line_it_crossed(value: float, text: str) -> None:
    assert words.figure(part(value, 0.25, 0.5)) == text


def test_a_figure_that_is_missing() -> None:
    assert words.figure(part(None, 0.25, 0.5)) == "–"


def test_the_line_shown_is_the_one_crossed_else_the_warning_line() -> None:
    threshold = Threshold(0.25, 0.5, "lower")
    shown = {status: words.line(threshold, "change", status) for status in Status}
    assert shown[Status.CRITICAL] == "max +50%"
    assert {shown[status] for status in Status if status is not Status.CRITICAL} == {"max +25%"}
    assert words.line(Threshold(12, 6, "higher"), "months", Status.OK) == "min 12 months"
    assert words.line(Threshold(12, 6, "higher"), "months", Status.OK, bare=True) == "min 12"
    assert words.line(Threshold(0.3, None, "lower"), "share", Status.CRITICAL) == "max 30%"
    assert words.line(Threshold(None, 0.3, "lower"), "share", Status.OK) == "max 30%"
    assert words.line(Threshold(None, None, "lower"), "share", Status.OK) == ""


def test_sparkline() -> None:
    no_line = Threshold(None, None, "lower")
    assert words.sparkline([0.0, None, 7.0], no_line) == "▁ █"
    assert words.sparkline([2.0, 2.0], no_line) == "▅▅"
    assert words.sparkline([None, None], no_line) == ""
    assert words.sparkline([0.50, 0.51, 0.50], Threshold(0.25, 0.2, "higher")) in {"▄▅▄", "▄▄▄", "▅▅▅"}


def test_sentence() -> None:
    evidence = {"newcomers": Quantity(9, "count"), "team": Quantity(29, "people"), "cost": Quantity(14_2000, "money")}
    assert words.sentence("{newcomers} of {team} joined.", evidence) == "9 of 29 people joined."
    assert words.sentence("{cost} each, {odd} left.", evidence, "EUR") == "14.20 EUR each, {odd} left."


@pytest.mark.parametrize(("value", "said"), [(0.296, "29.6%"), (0.2996, "29.96%"), (0.27, "27%")])
def test_a_sentence_has_the_digits_of_its_row(value: float, said: str) -> None:
    share = {"probability": Quantity(value, "share"), "other": Quantity(0.296, "change")}
    finding = shops.finding("second-order", value, summary="{probability} of {other}", evidence=share)
    assert words.figure(finding.parts[0]) == said
    assert words.summary(finding) == f"{said} of +30%"


def test_caveat() -> None:
    found = {finding.id: words.caveat(finding) for finding in shops.half_judged().findings}
    assert found["newcomers"] == "Weak evidence: under 5 people."
    assert found["runway"] == "Estimated (see Data)."
    assert (
        found["acquisition-cost"]
        == "Within chance: such a change can happen by itself. Weak evidence: the season is still in it."
    )
    assert found["repeat-share"] == "A lower bound: export 5 more months to be sure."
    assert found["second-order"] == "Too few cases to be sure: the true figure may still be good."
    assert not any(words.caveat(finding) for finding in shops.critical().findings if finding.quality == "full")


def test_a_reason_keeps_its_file_name_as_it_is() -> None:
    assert words.unjudged(shops.unjudged("runway", "cash.csv ends in March")) == "cash.csv ends in March."
    assert words.unjudged(shops.unjudged("runway", "needs a cash sheet")) == "Needs a cash sheet."
    assert words.unjudged(shops.unjudged("runway", "")) == "Not enough to judge."

    assert words.day(date(2026, 5, 31)) == "31 May 2026"


def test_rows_set_aside() -> None:
    assert words.set_aside(SetAside("cancelled", 1790)) == "cancelled 1,790 rows"
    assert words.set_aside(SetAside("unreadable date", 1, (17,))) == "unreadable date 1 row (line 17)"
    assert words.set_aside(SetAside("unreadable date", 2, (17, 1042))) == "unreadable date 2 rows (lines 17, 1042)"
    assert words.set_aside(SetAside("unreadable date", 3, (17, 1042))) == "unreadable date 3 rows (lines 17, 1042, …)"


@pytest.mark.parametrize(
    ("dirty", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\tc\x7f\x9b", "a\\x0ab\\x09c\\x7f\\x9b"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
        ("a\u200bb\u2028c\ufeff", "a\\u200bb\\u2028c\\ufeff"),
        ("caf\udce9", "caf\\udce9"),
        ("growth [draft] 東京 é" * 9, "growth [draft] 東京 é" * 9),
    ],
)
def test_clean(dirty: str, shown: str) -> None:
    assert words.clean(dirty) == shown


def test_ascii_only() -> None:
    assert words.ascii_only("✔ ▲ ✖ · − × → … – “é” ▁█ 東") == 'OK ! X - - x -> ... - "e" .@ ?'


def test_words_do_not_need_rich() -> None:
    program = "import sys; import merchant_check.render.words; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
