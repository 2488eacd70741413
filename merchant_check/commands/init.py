"""Writes a config for the files at hand, and asks only what they leave open."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from glob import escape
from pathlib import Path

from merchant_check import inspection, screen
from merchant_check.commands.question import Asked, Question, asked
from merchant_check.config.draft import Draft, draft_text
from merchant_check.config.file import example
from merchant_check.errors import Open, UserError, Where
from merchant_check.output import write_whole
from merchant_check.read.recognise import ROLES
from merchant_check.report import Inspection
from merchant_check.review import Request


@dataclass(frozen=True)
class Answer:
    """What settles an open question: `guessed` where nobody was there to be asked."""

    value: str
    guessed: bool

    @property
    def why(self) -> str:
        return "a guess: check it" if self.guessed else "as answered"


def init(question: Question, output: str, *, force: bool) -> int:
    """Write the config to `output`; without files, the one with all keys. Returns the exit code.

    Raises UserError where the file exists (without `force`) or a file can't be used.
    """
    target = Path(output)
    if target.exists() and not force:
        raise UserError(
            "config-exists",
            "it is there already, and is not overwritten",
            remedy="name another with --output, or pass --force",
            where=Where(output),
        )
    if not question.files:
        write_whole(target, example(), [])
        screen.show(f"Wrote {target} with every key. Name your files, and the next one fits them.\n")
        return 0
    what = asked(question)
    if any(file.path == "-" for file in what.files):
        raise UserError("wrong-usage", "a config can't name standard input", remedy="save it to a file, and name that")
    found, answers = _settled(what)
    write_whole(target, draft_text(_draft(what, found, answers, target)), [file.path for file in what.files])
    for setting, answer in answers.items():
        if answer.guessed:
            screen.complain(
                f"merchant-check: {target}: {setting} is a guess ({answer.value}), as the files leave it open: check it"
            )
    screen.show(f"Wrote {target}. Next: merchant-check report -c {target}\n")
    return 0


def _settled(what: Asked) -> tuple[Inspection, dict[str, Answer]]:
    """How the files read once every question that they leave open is answered; and the answers."""
    answers: dict[str, Answer] = {}
    while True:
        found = inspection.inspect(_request(what, answers))
        problems = [*(reading.problem for reading in found.readings), found.problem]
        problem = next((each for each in problems if each), None)
        if problem is None:
            return found, answers
        if problem.question is None or problem.question.setting in answers:
            raise problem
        answers[problem.question.setting] = _ask(problem, problem.question)


def _ask(problem: UserError, question: Open) -> Answer:
    chosen = screen.ask(f"{problem.where}: {problem.message}", question.choices)
    return Answer(chosen or question.choices[0], guessed=chosen is None)


def _request(what: Asked, answers: dict[str, Answer]) -> Request:
    columns = {role: dict(what.columns[role]) for role in ROLES}
    reading = what.reading
    for setting, answer in answers.items():
        section, *path = setting.split(".")
        if section == "columns":
            columns[path[0]][path[1]] = answer.value
        else:
            reading = replace(reading, currency=answer.value)
    return Request(what.files, reading, columns=columns)


def _draft(what: Asked, found: Inspection, answers: dict[str, Answer], target: Path) -> Draft:
    inputs: dict[str, list[str]] = {role: [] for role in ROLES}
    for reading in found.readings:
        inputs[reading.input.role].append(escape(os.path.relpath(reading.input.path, target.parent)))
    columns = {
        role: {key: (value, "as told") for key, value in what.columns[role].items()}
        for role in ROLES
        if inputs[role] and what.columns[role]
    }
    for setting, answer in answers.items():
        section, *path = setting.split(".")
        if section == "columns":
            columns.setdefault(path[0], {})[path[1]] = (answer.value, answer.why)
    currency = answers.get("merchant.currency")
    starts = [reading.input.first for reading in found.readings if reading.input.role == "orders"]
    first = min((day for day in starts if day), default=None)
    return Draft(
        inputs,
        (currency.value, f"{currency.why}; orders in other currencies are left out") if currency else None,
        first,
        columns,
        [
            f"{reading.input.path}: {reading.input.role}, {reading.input.format}, {reading.input.rows_used:,} of "
            f"{reading.input.rows_read:,} rows used"
            for reading in found.readings
        ],
    )
