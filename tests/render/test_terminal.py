"""The card: it fits, it can be piped, it survives hostile names, and it says the same thing every time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.cells import cell_len

from merchant_check.facts import Shop
from merchant_check.render import terminal, trouble
from merchant_check.report import Finding, Input, Part, Report, SetAside, Status

from . import shops

WIDTHS = (60, 80, 100, 120, 140)
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
each_shop = pytest.mark.parametrize("shop", shops.ALL.values(), ids=shops.ALL)
each_width = pytest.mark.parametrize("width", WIDTHS)


def plain(report: Report, width: int = 80, *, unicode: bool = True) -> str:
    return terminal.render(report, width=width, color=False, unicode=unicode)


def flat(text: str) -> str:
    """The words without their line breaks, to look for a sentence that may have wrapped."""
    return " ".join(text.split())


def with_name(report: Report, name: str) -> Report:
    return replace(report, facts=replace(report.facts, shop=replace(report.facts.shop, name=name)))


def with_finding(report: Report, changed: Finding) -> Report:
    subjects = tuple(
        replace(subject, findings=tuple(changed if old.id == changed.id else old for old in subject.findings))
        for subject in report.subjects
    )
    return replace(report, subjects=subjects)


@each_shop
@each_width
def test_no_line_is_longer_than_the_width_or_ends_in_blanks(shop: Callable[[], Report], width: int) -> None:
    for color in (True, False):
        for unicode in (True, False):
            text = ESCAPES.sub("", terminal.render(shop(), width=width, color=color, unicode=unicode))
            assert text.endswith("\n")
            for line in text.splitlines():
                assert cell_len(line) <= width
                assert line == line.rstrip()


@each_shop
@each_width
def test_nothing_is_cut(shop: Callable[[], Report], width: int) -> None:
    report = shop()
    text = flat(plain(report, width))
    for finding in report.findings:
        assert finding.title in text or finding.status is Status.SKIPPED
        if finding.status in trouble.TROUBLE:
            assert finding.says.why in text
            assert finding.says.advice in text
    inputs = [source.path for source in report.inputs]
    assert all(path in text for path in inputs)
    assert text.count("…") == 1  # the one after the first few line numbers


def test_the_width_is_held_between_60_and_140() -> None:
    assert plain(shops.critical(), 10) == plain(shops.critical(), 60)
    assert plain(shops.critical(), 500) == plain(shops.critical(), 140)


@each_shop
def test_colour_changes_nothing_but_colour(shop: Callable[[], Report]) -> None:
    coloured = terminal.render(shop(), width=80, color=True, unicode=True)
    assert "\x1b[" in coloured
    assert ESCAPES.sub("", coloured) == plain(shop())


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = plain(shops.critical()), terminal.render(shops.critical(), width=80, color=True, unicode=True)
    for name, value in {"FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "33", "LC_ALL": "C"}.items():
        monkeypatch.setenv(name, value)
    assert (plain(shops.critical()), terminal.render(shops.critical(), width=80, color=True, unicode=True)) == expected


@each_shop
@each_width
def test_ascii_is_ascii(shop: Callable[[], Report], width: int) -> None:
    for color in (True, False):
        assert terminal.render(shop(), width=width, color=color, unicode=False).isascii()
    assert plain(with_name(shop(), "Café 東京 \u202e€"), width, unicode=False).isascii()


HOSTILE = "growth [draft] [red]x[/] {now} :smile: \x1b[31m\x1b]0;owned\x07\u202egnp.exe\udcff\n"


def hostile() -> Report:
    """The same text in every place where words of a file or a config reach the card."""
    report = with_name(shops.half_judged(), HOSTILE)
    aside = (SetAside(HOSTILE, 3, (1, 2)),)
    file = Input(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, {}, 3, 0, aside, aside, (HOSTILE,))
    shop = replace(report.facts.shop, currency=HOSTILE)
    report = replace(report, inputs=(file,), headline=HOSTILE, facts=replace(report.facts, shop=shop))
    for check, status in (("turnover", Status.UNKNOWN), ("locations", Status.SKIPPED)):
        report = with_finding(report, shops.unjudged(check, HOSTILE, status))
    weak = shops.finding("newcomers", 0.3, weak=(HOSTILE,), notes=(HOSTILE,), summary=HOSTILE)
    return with_finding(report, weak)


@each_width
def test_hostile_text_is_shown_and_does_nothing(width: int) -> None:
    text = plain(hostile(), width)
    assert not re.search(r"[^\n\x20-\U0010ffff]|[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert "growth [draft] [red]x[/] {now} :smile: \\x1b[31m" in flat(text)
    assert text.encode("utf-8")
    coloured = terminal.render(hostile(), width=width, color=True, unicode=True)
    assert ESCAPES.sub("", coloured) == text
    assert "\x1b]" not in coloured


@each_width
def test_long_names_wrap_and_stay_whole(width: int) -> None:
    name, path = "x" * 300, "/srv/" + "long-folder/" * 30 + "orders.csv"
    report = with_name(shops.critical(), name)
    report = replace(report, inputs=(replace(report.inputs[0], path=path), *report.inputs[1:]))
    text = plain(report, width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    assert text.count("x") >= len(name)
    assert path in re.sub(r"\s", "", text)


def test_wide_characters_keep_the_frame_straight() -> None:
    header = plain(with_name(shops.critical(), "東京ランプ商店")).split("\n\n")[0].splitlines()
    assert {cell_len(line) for line in header} == {80}


def test_huge_figures_fit() -> None:
    report = with_finding(shops.critical(), shops.finding("growth-pace", 1e12, series=(1e12,) * 12))
    assert all(cell_len(line) <= 60 for line in plain(report, 60).splitlines())


def test_a_skipped_subject_is_one_line_that_says_how_to_supply_the_input() -> None:
    text = plain(shops.orders_only(), 120)
    assert " TEAM –  No staffing file: add a sheet with the columns month, headcount.\n" in text
    assert "Growth pace" not in text
    assert "Does the team keep pace" not in text


def test_skipped_findings_with_one_reason_share_a_row() -> None:
    text = flat(plain(shops.orders_only()))
    assert text.count("No cash file") == 1
    assert "· Runway, Burn multiple, Burn share, Marketing share, Acquisition cost and Inventory" in text
    assert "· Plan No plan given" in text


def test_a_finding_in_trouble_shows_figure_line_earlier_figure_and_sentence() -> None:
    row, said = plain(shops.critical()).split("\n ✖ Growth pace")[1].splitlines()[:2]
    assert [word for word in row.split() if not set(word) & set("▁▂▃▄▅▆▇█")] == ["+62%", "max", "+50%", "+45%"]
    assert said.strip() == "1,240 orders a person each month, 765 a year earlier."


def test_another_part_in_trouble_has_its_own_line() -> None:
    text = plain(shops.critical())
    assert "\n   ▲ days of stock: 150 days (max 90 days)\n" in text
    assert "\n   ✖ months to earn it back: not earned back within 12 months\n" in text
    assert "\n   ▲ training per newcomer: 0 hours; no training in twelve months\n" in text
    assert " ✖ Acquisition cost  +57% (max +50%), months to earn it back: not earned back" in text


def test_a_first_part_without_a_figure_says_why() -> None:
    unknown, change = Part("share", missing="too many orders without a customer"), Part("change", -0.07)
    changed = shops.finding("repeat-share", unknown, change, summary="A sentence.")
    text = plain(with_finding(shops.critical(), changed))
    assert re.search(r"\n ▲ Repeat share +−7 points +min −5", text)  # the figure that decides stands in the row
    assert "? repeat orders: too many orders without a customer\n" in text


def test_a_finding_without_a_figure_gives_its_sentence_in_their_place() -> None:
    assert re.search(r"✖ Burn multiple +198,000 EUR burned in twelve months", plain(shops.critical()))
    assert "✖ Burn multiple  cash is lost while gross profit falls\n" in plain(shops.critical())
    assert re.search(r"✔ Runway +127,951 EUR in the bank", plain(shops.healthy(), 80))


@each_width
def test_every_finding_has_its_sentence(width: int) -> None:
    text = flat(plain(shops.healthy(), width))
    assert "412 orders a person" in text
    assert "2 of 17 people joined" in text


def test_what_to_do_puts_the_worst_first() -> None:
    section = plain(shops.critical()).split("WHAT TO DO")[1].split("DATA")[0]
    signs = re.findall(r"^ ([✖▲]) ", section, flags=re.MULTILINE)
    assert signs == sorted(signs, key="✖▲".index)
    assert len(signs) == sum(finding.status in trouble.TROUBLE for finding in shops.critical().findings)


def test_nothing_to_do_says_so() -> None:
    assert "WHAT TO DO\n Nothing: every check that could be judged is good.\n" in plain(shops.healthy())


def test_a_card_without_anything_judged() -> None:
    findings = [shops.unjudged(check, f"no data for {check}") for check in shops.BY_ID]
    text = plain(shops.report(Shop(), findings))
    assert "no complete month" in text
    assert trouble.NONE_JUDGED in text
    assert "No data for runway." in text


def test_the_data_section_accounts_for_every_row() -> None:
    text = flat(plain(shops.half_judged(), 60))
    assert "48,210 rows read, 48,001 used" in text
    assert "Left out on purpose: cancelled 179 rows; unpaid 17 rows" in text
    assert "Rejected as unreadable: unreadable date 12 rows (lines 1042, 1043, 2210, …)" in text
    assert "3,210 without a customer (6.7%)" in text
    assert "Estimated: net burn from payroll and the finance block (Runway)." in text
    assert "Note: sales tax is not taken out of order revenue (Runway)." in text


def test_titles_come_from_the_check() -> None:
    changed = shops.finding("newcomers", 0.3)
    document = replace(shops.BY_ID["growth-pace"].document, title="A title of quite unusual length for a check")
    text = plain(with_finding(shops.critical(), replace(changed, document=document)), 60)
    assert all(cell_len(line) <= 60 for line in text.splitlines())
    assert document.title in flat(text)


@each_shop
def test_the_picture_is_stable_and_fetches_nothing(shop: Callable[[], Report]) -> None:
    svg = terminal.to_svg(shop(), 100)
    assert svg == terminal.to_svg(shop(), 100)
    assert "merchant-check&#160;report" in svg
    assert "@font-face" not in svg
    assert "url(http" not in svg
