"""The shapes of settings: what a value of the config must be, in words, as a test and by example.

config/file.py checks a file against them and prints the example file from them; that is why no validation library
is needed (pydantic costs 0.15 s of start-up, builds no plain dataclass in strict mode and can't tell YAML's traps).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Kind:
    """What one value must be: in words, its YAML type, an example as YAML text, a test and the words to choose from."""

    words: str
    type: str  # "text", "number", "yes or no", "day"
    example: str
    fits: Callable[[Any], bool] = lambda value: True
    choices: Callable[[], Iterable[str]] = tuple  # called only to suggest one of them


@dataclass(frozen=True)
class Many:
    """One value or a list of them; becomes a tuple."""

    of: Kind


@dataclass(frozen=True)
class Table:
    """A block whose keys are values themselves, such as years; becomes a dict."""

    key: Kind
    of: Kind


@dataclass(frozen=True)
class Record:
    """A block of known keys; `build` makes a noun from the values given."""

    keys: Mapping[str, Key]
    build: Callable[..., Any]
    required: tuple[str, ...] = ()


Shape = Kind | Many | Table | Record


@dataclass(frozen=True)
class Key:
    """One key of a block: its shape, its meaning in one line, an example and its default as YAML text."""

    shape: Shape
    help: str = ""
    example: str = ""
    default: str = ""

    @property
    def unit(self) -> str:
        """What a value is, in words."""
        if isinstance(self.shape, Many):
            return f"{self.shape.of.words}, or a list of them"
        return self.shape.words if isinstance(self.shape, Kind) else ""


def about(shape: Shape, meaning: str, example: str = "") -> dict[str, Any]:
    """The metadata that makes a dataclass field a key of the file."""
    return {"shape": shape, "help": meaning, "example": example or _example(shape)}


def _example(shape: Shape) -> str:
    kind = shape.of if isinstance(shape, Many | Table) else shape
    return kind.example if isinstance(kind, Kind) else ""


def section(noun: type) -> Record:
    """The block of keys that a dataclass stands for."""
    keys = {}
    for entry in fields(noun):
        written = f"{entry.default:g}" if isinstance(entry.default, float) else entry.default
        keys[entry.name] = Key(**entry.metadata, default=written if isinstance(written, str) else "")
    must = tuple(entry.name for entry in fields(noun) if entry.default is entry.default_factory is MISSING)
    return Record(keys, noun, must)


def one_of(words: Iterable[str]) -> Kind:
    """One of a few words."""
    known = tuple(words)
    return Kind(f"one of {', '.join(known)}", "text", known[0], known.__contains__, lambda: known)


def between(words: str, example: str, low: float, high: float) -> Kind:
    """A number within bounds, both included."""
    return Kind(words, "number", example, lambda value: low <= value <= high)


def pattern(words: str, example: str, expression: str) -> Kind:
    """A text of a given form."""
    return Kind(words, "text", example, lambda text: re.fullmatch(expression, text) is not None)


def _is_timezone(name: str) -> bool:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - start-up: only a config that names a zone needs it

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return not _timezones()  # a machine without a time zone database can't tell
    return True


def _timezones() -> set[str]:
    from zoneinfo import available_timezones  # noqa: PLC0415

    return available_timezones()


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return bool(text)


MOST = 1e13  # larger sums of money are a slip of the keyboard, and would not fit ten-thousandths in 64 bits
MONTH_FORM = r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])"

TEXT = Kind("text", "text", "text", lambda text: bool(text.strip()))
YES_NO = Kind("true or false", "yes or no", "true")
DAY = Kind("a day such as 2026-10-31", "day", "2026-10-31", lambda day: 1900 <= day.year <= 2100)
SHARE = between("a share from 0 to 1", "0.42", 0, 1)
BALANCE = between("an amount of money", "250000", -MOST, MOST)
MONEY = between("an amount of money, 0 or more", "12000", 0, MOST)
NUMBER = between("a number", "0.5", -1e9, 1e9)
PATH = Kind("a path or a pattern, relative to this file", "text", "orders.csv", lambda text: bool(text.strip()))
HEADER = Kind("a column's header", "text", "Buyer Email", lambda text: bool(text.strip()))
CURRENCY = pattern("a code of three capital letters", "EUR", "[A-Z]{3}")
TIMEZONE = Kind("a time zone's name such as Europe/Berlin", "text", "Europe/Berlin", _is_timezone, _timezones)
MONTH = pattern("a month such as 2026-03", "2026-03", MONTH_FORM)
PERIOD = pattern("a year such as 2026 or a month such as 2026-03", "2026", rf"(?:19|20)\d\d|{MONTH_FORM}")
DATE_FORMAT = pattern("a form of dates such as DD/MM/YYYY", "DD/MM/YYYY", r"[A-Za-z年月日][-\w/.年月日]*")
DECIMAL_MARK = one_of(["point", "comma"])
ENCODING = pattern("the name of an encoding such as cp1252", "cp1252", r"[\w.-]+")
DELIMITER = Kind("one sign, or tab", "text", '";"', lambda text: len(text) == 1 or text == "tab")
PATTERN = Kind("a regular expression", "text", "loan|capital increase", _is_pattern)
ROWS = one_of(["one-per-order", "total-repeated", "line-amounts"])
LINES = {
    "share": between("a share such as 0.45", "0.45", 0, 2),
    "change": between("a change such as 0.25 for 25 %", "0.25", -1, 10),
    "points": between("a difference such as 0.05 for 5 points", "0.05", -2, 2),
}
"""What the lines of figures in these units must be; of all other units, any number."""
