"""The page: whole and well-formed, fit for every reader, deaf to hostile text, and the same every time."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from merchant_check.errors import UserError
from merchant_check.render import html, trouble, words
from merchant_check.report import Part, Report, Status

from . import pages, shops
from .pages import text, tree

NAMES = [*shops.ALL, *pages.STORIES, "empty", "hostile"]
VOID = {"meta", "link", "br"}
CSS = Path(html.__file__).parent / "templates" / "style.css"


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    return pages.all_reports()


@pytest.fixture(scope="module")
def rendered(reports: dict[str, Report]) -> dict[str, str]:
    return {name: html.render(report) for name, report in reports.items()}


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def report(reports: dict[str, Report], name: str) -> Report:
    return reports[name]


@pytest.fixture
def page(rendered: dict[str, str], name: str) -> str:
    return rendered[name]


# --- whole and well-formed


class Nesting(HTMLParser):
    """Reads a page as a browser does, and holds every tag against its end."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in VOID, "a tag without content closes itself"
        assert len({name for name, _ in attrs}) == len(attrs)
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID or "svg" in self.open

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_tags_are_closed_in_order(page: str) -> None:
    nesting = Nesting()
    nesting.feed(page)
    nesting.close()
    assert nesting.open == []
    assert page.startswith("<!DOCTYPE html>\n")
    assert tree(page).tag == "html"


def test_the_same_report_gives_the_same_bytes(report: Report, page: str) -> None:
    assert html.render(report) == page


def test_every_finding_is_there(report: Report, page: str) -> None:
    root = tree(page)
    named = {element.get("id"): element for element in root.iter() if element.get("id")}
    for finding in report.findings:
        assert text(named[finding.id]) == finding.title
        if not finding.status.judged:
            assert " ".join(words.clean(words.unjudged(finding)).split()) in text(root)


def test_a_judged_finding_says_how_it_stands(report: Report, page: str) -> None:
    articles = {article.get("aria-labelledby"): article for article in tree(page).iter("article")}
    for finding in report.findings:
        if not finding.status.judged:
            assert finding.id not in articles
            continue
        said = text(articles[finding.id])
        assert finding.status.value in said
        assert words.clean(words.summary(finding, report.facts.shop.currency)) in said or "\n" in finding.summary
        for part in finding.parts:
            assert part.value is None or words.figure(part, None) in said
        if finding.status.severity > 0:
            assert finding.says.why in said
            assert finding.says.advice in said
        known = [value for _, value in finding.series if value is not None]
        assert bool(known) == (articles[finding.id].find(".//svg") is not None)


def test_what_to_do_puts_the_worst_first(report: Report, page: str) -> None:
    section = next(each for each in tree(page).iter("section") if each.get("class") == "to-do")
    found = [text(item) for item in section.iter("li")]
    severities = [Status(line.split()[1]).severity for line in found]
    assert severities == sorted(severities, reverse=True)
    assert len(found) == sum(finding.status.severity > 0 for finding in report.findings)
    if not found:
        assert text(section).endswith(trouble.ALL_GOOD if report.status.judged else trouble.NONE_JUDGED)


def test_a_figure_in_trouble_that_is_not_the_first_is_named(rendered: dict[str, str]) -> None:
    said = text(tree(rendered["critical"]))
    assert "Acquisition cost +57% max +50%, months to earn it back: not earned back within 12 months" in said
    assert "Peak dependence best day: 12% max 10%" in said
    assert "Burn multiple cash is lost while gross profit falls" in said


def test_skipped_findings_with_one_reason_share_a_line(rendered: dict[str, str]) -> None:
    said = text(tree(rendered["orders_only"]))
    assert said.count("No cash file") == 1
    assert "skipped Runway, Burn multiple, Burn share, Marketing share, Acquisition cost, Inventory: No cash" in said


def test_the_data_section_accounts_for_every_row(report: Report, page: str) -> None:
    data = next(each for each in tree(page).iter("section") if each.get("class") == "data")
    said = text(data)
    for source in report.inputs:
        assert f"{source.rows_read:,} {source.rows_used:,}" in said
    for sentence in [*(line for source in report.inputs for line in words.input_facts(source)), *words.grounds(report)]:
        assert " ".join(words.clean(sentence).split()) in said


def test_large_charts_bring_their_figures_as_a_table(rendered: dict[str, str]) -> None:
    for story in pages.STORIES:
        tables = [details.find("table") for details in tree(rendered[story]).iter("details")]
        assert len(tables) == 4
        assert all(table is not None and len(list(table.iter("tr"))) > 4 for table in tables)


# --- nothing is fetched, nothing runs


def test_the_page_needs_nothing_but_itself(page: str) -> None:
    root = tree(page)
    ids = {element.get("id") for element in root.iter()}
    for element in root.iter():
        assert element.tag not in {"script", "img", "iframe", "object", "embed", "form", "base", "use", "image"}
        for attribute, value in element.attrib.items():
            assert not attribute.startswith("on")
            assert attribute not in {"src", "srcset", "style", "xlink:href", "action"}
            if attribute == "href":
                assert value == "data:," or value.removeprefix("#") in ids
    assert not re.search(r"url\(|@import|expression\(|</style", CSS.read_text("utf-8"))


def test_a_policy_forbids_the_rest(page: str) -> None:
    metas = {meta.get("http-equiv"): meta.get("content") for meta in tree(page).iter("meta")}
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert metas["Content-Security-Policy"] == policy
    assert page.index("Content-Security-Policy") < page.index("<style>")


@pytest.mark.parametrize("base", ["half_judged", "ad-burn"])
def test_hostile_text_is_shown_and_does_nothing(reports: dict[str, Report], base: str) -> None:
    page = html.render(pages.hostile(reports[base]))
    assert not re.search(r"[^\n\x20-\U0010ffff]|[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", page)
    assert not re.search(r"<script|<img|<a href='|jane\.doe", page)
    root = tree(page)
    heading = root.find(".//h1")
    assert heading is not None
    assert text(heading).startswith("</title></style></svg>\"'><script>document.title='owned'</script><img src=")
    assert "{{ 7*7 }}" in text(heading)
    assert r"\x1b[31m\u202egnp.exe\udcff\x00\x0a&lt;b&gt;" in text(heading)
    assert "(an e-mail address)" in text(heading)
    assert page.encode("utf-8")


def test_no_customer_is_named(rendered: dict[str, str]) -> None:
    assert not any("@" in re.sub(r"<style>.*</style>", "", page, flags=re.DOTALL) for page in rendered.values())


# --- fit for every reader


def test_headings_and_landmarks(page: str) -> None:
    root = tree(page)
    assert root.get("lang") == "en"
    levels = [int(element.tag[1]) for element in root.iter() if re.fullmatch(r"h[1-6]", element.tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    body = root.find("body")
    assert body is not None
    assert [child.tag for child in body] == ["header", "nav", "main", "footer"]
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for element in root.iter():
        for attribute in ("aria-labelledby", "aria-describedby"):
            assert element.get(attribute, ids[0]) in ids


def test_every_picture_is_told_in_words(page: str) -> None:
    for picture in tree(page).iter("svg"):
        if picture.get("aria-hidden") == "true":
            continue
        title, desc = picture.find("title"), picture.find("desc")
        assert picture.get("role") == "img"
        assert title is not None
        assert title.text
        assert desc is not None
        assert desc.text
        assert (picture.get("aria-labelledby"), picture.get("aria-describedby")) == (title.get("id"), desc.get("id"))


def test_every_table_says_what_its_cells_are(page: str) -> None:
    for table in tree(page).iter("table"):
        assert all(cell.get("scope") in {"col", "row"} for cell in table.iter("th"))
        columns = len(table.findall("thead/tr/th"))
        assert all(len(row) == columns and row[0].get("scope") == "row" for row in table.findall("tbody/tr"))


def test_a_status_is_a_word_and_a_sign(page: str) -> None:
    for badge in tree(page).iter("span"):
        status = (badge.get("class") or "").removeprefix("badge ")
        if badge.get("class", "").startswith("badge "):
            sign = words.SIGNS[Status(status)]
            assert text(badge).replace("\ufe0e", "") == f"{sign} {status}"


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", block))


def brightness(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((brightness(one), brightness(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_stand_out_from_what_is_behind_them(scheme: int) -> None:
    palette = colours(re.findall(r":root \{(.*?)\}", CSS.read_text("utf-8"), flags=re.DOTALL)[scheme])
    for ink in ("ink", "dim", "link", "ok", "warning", "critical", "neutral", "first", "second", "third"):
        for behind in ("page", "card", "window"):
            assert contrast(palette[ink], palette[behind]) >= 4.5, (ink, behind)


# --- the rest


def test_a_part_without_a_figure_says_why(reports: dict[str, Report]) -> None:
    unknown = shops.finding("repeat-share", Part("share", missing="too many guests"), Part("change", -0.07))
    page = html.render(pages.with_findings(reports["critical"], {"repeat-share": unknown}))
    article = next(each for each in tree(page).iter("article") if each.get("aria-labelledby") == "repeat-share")
    assert "change in a year: −7 points min −5 points" in text(article)
    assert "repeat orders – warning below 45%, critical below 30%; too many guests ? unknown" in text(article).replace(
        "\ufe0e", ""
    )


def test_without_jinja2_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(UserError) as caught:
        html.render(shops.healthy())
    assert caught.value.code == "missing-extra"
    assert caught.value.remedy == "pip install 'merchant-check[html]'"


def test_a_shop_without_a_name_or_a_complete_month(rendered: dict[str, str], reports: dict[str, Report]) -> None:
    assert "Your shop" in rendered["empty"]
    nothing = replace(reports["empty"], complete_to=None)
    assert "no complete month" in html.render(nothing)
