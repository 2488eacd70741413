"""Markdown: the whole card is there, and no name can break a table, start HTML or make a link."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from merchant_check.commands.report import demo_report
from merchant_check.facts import Shop
from merchant_check.read.account import ReadSettings
from merchant_check.read.files import File
from merchant_check.render import markdown, trouble, words
from merchant_check.render.trouble import TROUBLE
from merchant_check.report import Part, Report, Status
from merchant_check.review import Request, review

from . import shops, test_terminal
from .test_terminal import with_finding

HOSTILE = (
    "a|b\n\n# c <img src=x onerror=y> &lt;i&gt; [x](javascript:y) ![z](//evil.example) [r]: //e `d` *e* __f__ ~~g~~ \\",
    "\\| <b> \\[x](javascript:y) \\` | --- |\r\n| --- | --- |\n- [ ] x\n> q\n```\n<!-- \u202e\x1b]8;;http://e\x07 $`$",
    "https://evil.example www.evil.example HTTP://evil.example WWW.evil.example x\n@evil.example @all #12 <http://e>",
)
OURS = {"table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "p", "ul", "li", "strong", "code", ""}
AUTOLINKED = re.compile(r"https?://|www\.|@\w|#\d", re.IGNORECASE)  # by GitHub, in the text of the rendered page
each_shop = pytest.mark.parametrize("shop", shops.ALL.values(), ids=shops.ALL)
each_nasty = pytest.mark.parametrize("nasty", HOSTILE, ids=["markup", "escaped", "links"])


def parsed(text: str) -> list[Token]:
    """All tokens, as a parser that lets HTML through sees them."""
    blocks = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    return [token for block in blocks for token in (block, *(block.children or ()))]


def read(text: str) -> str:
    """The words that a reader sees."""
    return "".join(token.content for token in parsed(text) if token.type in ("text", "text_special", "code_inline"))


def tables(text: str) -> list[list[list[str]]]:
    """The rows of each table, as a parser finds them."""
    found: list[list[list[str]]] = []
    tokens = parsed(text)
    for before, token in pairwise(tokens):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif before.type in ("th_open", "td_open"):
            found[-1][-1].append(token.content)
    return found


def row(report: Report, title: str) -> list[str]:
    rows = [cells for table in tables(markdown.render(report)) for cells in table]
    return next(cells for cells in rows if cells[1] == title)


def assert_harmless(text: str, report: Report) -> None:
    tokens = parsed(text)
    assert {token.tag for token in tokens} <= OURS
    assert not {"html_block", "html_inline", "link_open", "image"} & {token.type for token in tokens}
    assert [token.content for token in tokens if token.tag == "code"] == ["merchant-check explain CHECK"]
    assert [len(table) for table in tables(text)] == [len(table) for table in tables(markdown.render(report))]
    assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in text.split("\n") if line.startswith("|")} == {6}
    assert not AUTOLINKED.search(read(text))
    assert not re.search(r"[^\n\x20-\U0010ffff]|[\x7f-\x9f\u200b\u202a-\u202e\ud800-\udfff]", text)


@each_nasty
def test_a_hostile_name_stays_text(nasty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    harmless = test_terminal.hostile()
    monkeypatch.setattr(test_terminal, "HOSTILE", nasty)
    text = markdown.render(test_terminal.hostile())
    assert_harmless(text, harmless)
    assert read(text).replace("\u200b", "").count(words.clean(nasty)) >= 10


@each_nasty
def test_escaped_text_reads_as_it_was(nasty: str) -> None:
    assert read(markdown.escape(nasty)).replace("\u200b", "") == words.clean(nasty)


def test_every_sign_that_means_something_is_escaped() -> None:
    assert markdown.escape("| ` < > [ ] * _ # \\ & ~ $") == r"\| \` &lt; &gt; \[ \] \* \_ \# \\ &amp; \~ \$"


def test_a_hostile_file_and_config(tmp_path: Path) -> None:
    path = tmp_path / "a|b`<img src=x>[x](javascript:y)#1.csv"
    path.write_text(
        "order_id,date,amount,status\n1,2026-03-01,10.00,paid\n2,2026-03-02,<b>|,paid\n3,2026-03-03,5,paid\n"
    )
    shop = Shop("[x](javascript:y) <script>|", "€|<b>")
    report = review(Request([File(str(path), path.name)], ReadSettings(date(2026, 4, 2), max_rejected=0.5), shop))
    text = markdown.render(report)
    assert_harmless(text, report)
    assert "[x](javascript:y) <script>|" in read(text)
    assert path.name.replace("#", "#\u200b") in read(text)
    assert "Rejected as unreadable: " in read(text)


@each_shop
def test_each_finding_in_trouble_says_figure_line_sentence_and_advice(shop: Callable[[], Report]) -> None:
    report = shop()
    text = read(markdown.render(report))
    assert text.startswith(report.facts.shop.name or "Your shop")
    assert report.headline in text
    for finding in report.findings:
        assert finding.title in text
        if finding.status in TROUBLE:
            assert words.summary(finding, report.facts.shop.currency) in text
            assert finding.says.why in text
            assert finding.says.advice in text
    for sentence in [*words.grounds(report), *(fact for source in report.inputs for fact in words.input_facts(source))]:
        assert sentence in text


@each_shop
def test_tables_have_a_heading_for_each_subject_and_full_rows(shop: Callable[[], Report]) -> None:
    found = tables(markdown.render(shop()))
    assert len(found) == 3
    assert {len(cells) for table in found for cells in table} == {len(markdown.COLUMNS)}


def test_a_row() -> None:
    said = "1,240 orders a person each month, 765 a year earlier."
    assert row(shops.critical(), "Growth pace") == ["✖ critical", "Growth pace", "+62%", "max +50%", said]
    assert row(shops.critical(), "Inventory: days of stock")[:4] == [
        *("▲ warning", "Inventory: days of stock", "150 days", "max 90 days")
    ]
    training = row(shops.critical(), "Team investment: training per newcomer")[4]
    assert training.endswith(" net revenue per person +10%. No training in twelve months.")
    assert row(shops.half_judged(), "Newcomers")[4] == "1 of 3 people joined. Weak evidence: under 5 people."


def test_a_figure_that_is_missing_leaves_its_cells_empty() -> None:
    unknown, change = Part("share", missing="too many orders without a customer"), Part("change", -0.07)
    changed = shops.finding("repeat-share", unknown, change, summary="A sentence.")
    report, name = with_finding(shops.critical(), changed), f"Repeat share: {changed.parts[1].title}"
    assert row(report, "Repeat share") == ["? unknown", "Repeat share", "", "", "Too many orders without a customer."]
    assert row(report, name) == ["▲ warning", name, "−7 points", "min −5 points", "A sentence."]
    assert markdown.render(report).count(name) == 1


def test_skipped_findings_with_one_reason_share_a_row() -> None:
    titles = "Runway, Burn multiple, Burn share, Marketing share, Acquisition cost and Inventory"
    assert row(shops.orders_only(), titles)[4] == words.as_sentence(shops.GIVE_CASH).replace("_", "\\_")


def test_nothing_to_do_says_so() -> None:
    assert f"## What to do\n\n{trouble.ALL_GOOD}\n\n## Data" in markdown.render(shops.healthy())
    nothing = shops.report(Shop(), [shops.unjudged(check, f"no data for {check}") for check in shops.BY_ID])
    assert f"## What to do\n\n{trouble.NONE_JUDGED}\n\n## Data" in markdown.render(nothing)
    assert "no complete month" in markdown.render(nothing)


@pytest.mark.parametrize("story", ["steady", "over-hired", "ad-burn"])
def test_a_story(story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1794700800")
    report = demo_report(story)
    text = markdown.render(report)
    assert text == markdown.render(report)
    assert text.endswith("\n")
    assert_harmless(text, report)
    assert text.count("\n- ✖") == sum(finding.status is Status.CRITICAL for finding in report.findings)
