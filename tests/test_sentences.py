"""Every sentence that the card and `explain` can print stands in sentences.txt, and is plain, short and kind.

`pytest tests/test_sentences.py --update-golden` writes the list anew; read what it changes as a shop owner would whose
first language is not English.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from merchant_check.checks import CHECKS
from merchant_check.report import Document, Says

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "merchant_check"
GOLDEN = Path(__file__).parent / "sentences.txt"
RENDERERS = ("words", "trouble", "since", "terminal", "outlook")
ONLY_REFUSE = ("read/source.py", "read/table.py")
SPEAKING = (
    "checks",
    "read",
    "reduce",
    "render/words.py",
    "render/trouble.py",
    "render/since.py",
    "render/terminal.py",
    "render/outlook.py",
    "room.py",
)
REFUSALS = {"UserError", "ConfigError", "refuse"}  # told on stderr instead of a card
FOR_ANALYSTS = {"formula", "recompute", "source", "strength", "example"}
REASONS = {"CannotTell", "NotGiven", "Cap", "missing", "weak"}  # made a sentence by words.as_sentence, or listed

JARGON = re.compile(
    r"Q'|\bL\b|\bY'?\b|Kaplan|Greenwood|Wilson|censor|truncat|percentile|variance|cohort|tenure|\bKPI|\bburn|\bchurn"
    r"|\bretention\b|\bseries\b|regress|median|quantile|hazard|\bROI\b|\bCAC\b|\bLTV\b|\bFTE\b",
    re.IGNORECASE,
)
STATISTICS = re.compile(r"interval|significan|probabilit|confidence", re.IGNORECASE)
EXPLAINED = "95% interval (the range the true figure most likely lies in)"
BLAME = re.compile(
    r"should have|\byou (?:must|failed|forgot|ignored)|your (?:fault|mistake)|careless|negligen|neglect|sloppy|foolish"
    r"|stupid|reckless|greedy|incompetent|blame",
    re.IGNORECASE,
)
MOST_WORDS = 32
PLURALS = "orders|people|customers|locations|months|days|hours|rows|runs|checks|points|years|buyers|files"


class Sentence(NamedTuple):
    """A text with the file and the place in it that say it."""

    file: str
    place: str
    text: str


def documents() -> Iterator[Sentence]:
    for check in CHECKS:
        file = f"checks/{check.subject}/{check.id.replace('-', '_')}.py"
        for field in fields(Document):
            told = getattr(check.document, field.name)
            for text in [told] if isinstance(told, str) else told:
                yield Sentence(file, field.name, text)
        for part in check.parts:
            yield Sentence(file, "part", part.title)
            for name in (field.name for field in fields(Says)) if part.says else ():
                yield Sentence(file, f"{part.id} {name}", getattr(part.says, name))


class Speech(ast.NodeVisitor):
    """The texts of two words or more in a module, save for docstrings, refusals and the documents."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places = ["module"]
        self.found: list[Sentence] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.within(node.name, node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if not (isinstance(node.targets[0], ast.Name) and node.targets[0].id == "CHECK"):
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in {"CannotTell", "NotGiven", "Cap"}:
            self.within(name, node)
        elif name not in REFUSALS:
            self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg in {"summary", "missing", "weak"}:
            self.within(node.arg, node)
        else:
            self.generic_visit(node)

    def within(self, place: str, node: ast.AST) -> None:
        self.places.append(place)
        self.generic_visit(node)
        self.places.pop()

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.say(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        pieces = [
            f"<{ast.unparse(part.value)}>" if isinstance(part, ast.FormattedValue) else ast.literal_eval(part)
            for part in node.values
        ]
        self.say("".join(pieces).replace("{{", "{").replace("}}", "}"))

    def say(self, text: str) -> None:
        if re.search(r"[A-Za-z]{2,}[,;:]? [A-Za-z<{(]", text):
            self.found.append(Sentence(self.file, self.places[-1], " ".join(text.split())))


@cache
def sentences() -> tuple[Sentence, ...]:
    found = list(documents())
    for path in sorted(PACKAGE.rglob("*.py")):
        file = str(path.relative_to(PACKAGE))
        if file.startswith(SPEAKING) and file not in ONLY_REFUSE:
            speech = Speech(file)
            speech.visit(ast.parse(path.read_text("utf-8")))
            found += speech.found
    return tuple(dict.fromkeys(found))


def listing() -> str:
    """One sentence a line, below the file that says it."""
    lines: list[str] = []
    for file in sorted({sentence.file for sentence in sentences()}):
        lines += [file, *(f"  {place}: {text}" for found, place, text in sentences() if found == file), ""]
    return "\n".join(lines)


def test_every_sentence_is_listed_for_review(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(listing(), "utf-8")
    assert listing() == GOLDEN.read_text("utf-8")


def for_owners() -> list[Sentence]:
    return [sentence for sentence in sentences() if sentence.place not in FOR_ANALYSTS]


@pytest.mark.parametrize("sentence", for_owners(), ids=lambda sentence: f"{sentence.file}-{sentence.text[:30]}")
def test_what_owners_read_is_plain_short_and_kind(sentence: Sentence) -> None:
    place, text = sentence.place, sentence.text
    said = text if place == "title" else text.replace(EXPLAINED, "").replace(EXPLAINED[:-1], "")
    assert place == "title" or not JARGON.search(re.sub(r"<[^>]*>|\{\w+\}|[a-z]+\.[a-z_]+", "", said))
    assert not STATISTICS.search(re.sub(r"<[^>]*>|\{\w+\}", "", said))
    assert not BLAME.search(text)
    assert all(len(each.split()) <= MOST_WORDS for each in re.split(r"(?<=[.;:?!]) ", text)), "too long"
    assert "  " not in text
    assert "!" not in text


@pytest.mark.parametrize("sentence", for_owners(), ids=lambda sentence: f"{sentence.file}-{sentence.text[:30]}")
def test_sentences_end_as_they_should(sentence: Sentence) -> None:
    place, text = sentence.place, sentence.text
    if place in REASONS:
        assert not text.endswith(".")
    elif place == "summary" and text[0] not in ";{<" and not text[0].islower():
        assert text.endswith((".", "{sales_growth}", "Stock", "{stock_growth}")), text


def test_one_of_a_thing_is_singular_on_every_card() -> None:
    printed = [*(ROOT / "tests/stories/golden").glob("*.txt"), ROOT / "README.md", ROOT / "docs/checks.md"]
    for path in printed:
        wrong = re.search(rf"(?<![\d,.+−])1 (?:complete |more )?(?:{PLURALS})\b", path.read_text("utf-8"))
        assert wrong is None, (path.name, wrong)
