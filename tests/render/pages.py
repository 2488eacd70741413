"""Pages for the tests of the HTML report: the packaged stories, a hostile shop, and a page as a tree."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from xml.etree import ElementTree

import pytest

from merchant_check.commands.report import demo_report
from merchant_check.facts import Shop
from merchant_check.report import Finding, Input, Report, SetAside, Status

from . import shops

STORIES = ("steady", "over-hired", "ad-burn")
HOSTILE = (
    "</title></style></svg>\"'><script>document.title='owned'</script><img src=http://x.example/p.png "
    "onerror=document.body.id='owned'><a href='javascript:alert(1)'>{{ 7*7 }}</a> \x1b[31m\u202egnp.exe\udcff\x00\n"
    "&lt;b&gt; ]]> --> jane.doe@example.com"
)


@cache
def story(name: str) -> Report:
    """The report of a packaged story, on the day its data was made for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1794700800")
        return demo_report(name)


def hostile(base: Report | None = None) -> Report:
    """The same text in every place where words of a file or a config reach the page."""
    base = base or shops.half_judged()
    shop = replace(base.facts.shop, name=HOSTILE, currency=HOSTILE)
    aside = (SetAside(HOSTILE, 3, (1, 2)),)
    file = Input(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, {}, 3, 0, aside, aside, (HOSTILE,))
    changed = {
        "turnover": shops.unjudged("turnover", HOSTILE),
        "locations": shops.unjudged("locations", HOSTILE, Status.SKIPPED),
        "newcomers": shops.finding("newcomers", 0.3, weak=(HOSTILE,), notes=(HOSTILE,), summary=HOSTILE),
    }
    report = replace(base, facts=replace(base.facts, shop=shop), inputs=(file,), headline=HOSTILE)
    return with_findings(report, changed)


def with_findings(report: Report, changed: dict[str, Finding]) -> Report:
    """The report with these findings in place of those of the same checks."""
    subjects = (
        replace(subject, findings=tuple(changed.get(finding.id, finding) for finding in subject.findings))
        for subject in report.subjects
    )
    return replace(report, subjects=tuple(subjects))


def tree(page: str) -> ElementTree.Element:
    """The page as a tree: it is written so that the strict parser of XML takes it, too."""
    return ElementTree.fromstring(page)


def text(element: ElementTree.Element) -> str:
    """All words in an element, in single blanks."""
    return " ".join("".join(element.itertext()).split())


def all_reports() -> dict[str, Report]:
    """Every report that the tests look at, by name."""
    made = {name: make() for name, make in shops.ALL.items()}
    empty = shops.report(Shop(), [shops.unjudged(check, f"no data for {check}") for check in shops.BY_ID])
    return {**made, **{name: story(name) for name in STORIES}, "empty": empty, "hostile": hostile()}
