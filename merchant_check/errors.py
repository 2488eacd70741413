"""The one exception that reaches the user: what is wrong, where, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

E_MAIL = re.compile(r"[^\s@,;|'\"]+@[^\s@,;|'\"]+")


@dataclass(frozen=True)
class Where:
    """A place in a file; line and column count from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = (clean(self.file, 300), self.line, self.column)
        return ":".join(str(part) for part in place if part is not None)


@dataclass(frozen=True)
class Open:
    """A question that a file leaves open: the setting of the config that answers it, and its possible values."""

    setting: str
    choices: tuple[str, ...]


class UserError(Exception):
    """Something the user can mend. `code` is a stable word for scripts, `remedy` the next step to take, and `question`
    what is to be answered, where one setting does it."""

    def __init__(
        self, code: str, message: str, *, remedy: str, where: Where | None = None, question: Open | None = None
    ) -> None:
        super().__init__(message)
        self.question = question
        self.code = code
        self.message = message
        self.remedy = remedy
        self.where = where

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}; {self.remedy}"


class UserErrors(Exception):
    """Several mistakes found in one pass (a config file), so that one run shows them all."""

    def __init__(self, errors: list[UserError]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = errors


def refusal(file: str, code: str, message: str, remedy: str, line: int | None = None) -> UserError:
    """The error about a file, or a line of it."""
    return UserError(code, message, remedy=remedy, where=Where(file, line))


def clean(text: str, most: int = 40) -> str:
    """Untrusted text as a message may show it: short, without e-mail addresses, and nothing in it can move a cursor or
    reverse a line."""
    text = E_MAIL.sub("(an e-mail address)", text)
    shown = text if len(text) <= most else f"{text[: most - 3]}..."
    return "".join(char if char.isprintable() else _escaped(ord(char)) for char in shown)


def _escaped(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
