"""The shapes of settings: what a value of the config must be, in words, as a test and by example.

config/file.py checks a file against them and prints the example file from them, config/schema.py the JSON Schema; that
is why no validation library is needed (pydantic costs 0.15 s of start-up, builds no plain dataclass in strict mode and
can't tell YAML's traps).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Kind:
    """What one value must be: in words, its YAML type, an example as YAML text, a test and the words to choose from.

    `terms` is as much of the test as a JSON Schema can say.
    """

    words: str
    type: str  # "text", "number", "yes or no", "day"
    example: str
    fits: Callable[[Any], bool] = lambda value: True
    choices: Callable[[], Iterable[str]] = tuple  # called only to suggest one of them
    terms: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Many:
    """One value or a list of them; becomes a tuple."""

    of: Kind | Record


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
            return f"{self.shape.of.words}, or a list of them" if isinstance(self.shape.of, Kind) else ""
        return self.shape.words if isinstance(self.shape, Kind) else ""

    @property
    def meaning(self) -> str:
        """The help, and behind it what a value is."""
        return f"{self.help} ({self.unit})" if self.help and self.unit else self.help or self.unit


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
    said = f"one of {', '.join(known)}"
    return Kind(said, "text", known[0], known.__contains__, lambda: known, {"enum": list(known)})


def between(words: str, example: str, low: float, high: float) -> Kind:
    """A number within bounds, both included."""
    terms = {"minimum": low, "maximum": high}
    return Kind(words, "number", example, lambda value: low <= value <= high, terms=terms)


def pattern(words: str, example: str, expression: str, yaml_type: str = "text") -> Kind:
    """A value of a given form; the expression means the same in Python and in JavaScript, which editors use."""
    terms = {"pattern": f"^(?:{expression})$"}
    return Kind(words, yaml_type, example, lambda value: re.fullmatch(expression, str(value)) is not None, terms=terms)


def filled(words: str, example: str) -> Kind:
    """A text that is not blank."""
    return Kind(words, "text", example, lambda text: bool(text.strip()), terms={"pattern": r"\S"})


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
YEAR_FORM = "(?:19|20)[0-9]{2}"
MONTH_FORM = f"{YEAR_FORM}-(?:0[1-9]|1[0-2])"

TEXT = filled("text", "text")
YES_NO = Kind("true or false", "yes or no", "true")
DAY = pattern("a day such as 2026-10-31", "2026-10-31", f"{MONTH_FORM}-[0-3][0-9]", "day")
DAYS = between("a number of days", "10", 0, 36525)
SHARE = between("a share from 0 to 1", "0.42", 0, 1)
BALANCE = between("an amount of money", "250000", -MOST, MOST)
MONEY = between("an amount of money, 0 or more", "12000", 0, MOST)
NUMBER = between("a number", "0.5", -1e9, 1e9)
PATH = filled("a path or a pattern, relative to this file", "orders.csv")
FILE = filled("a path, relative to this file", "history.db")
HEADER = filled("a column's header", "Buyer Email")
CURRENCY = pattern("a code of three capital letters", "EUR", "[A-Z]{3}")
TIMEZONE = Kind("a time zone's name such as Europe/Berlin", "text", "Europe/Berlin", _is_timezone, _timezones)
MONTH = pattern("a month such as 2026-03", "2026-03", MONTH_FORM)
PERIOD = pattern("a year such as 2026 or a month such as 2026-03", "2026", f"{YEAR_FORM}|{MONTH_FORM}")
DATE_FORMAT = pattern("a form of dates such as DD/MM/YYYY", "DD/MM/YYYY", r"[A-Za-z年月日][-\w/.年月日]*")
DECIMAL_MARK = one_of(["point", "comma"])
ENCODING = pattern("the name of an encoding such as cp1252", "cp1252", r"[\w.-]+")
DELIMITER = pattern("one sign, or tab", '";"', ".|tab")
PATTERN = Kind("a regular expression", "text", "loan|capital increase", _is_pattern, terms={"minLength": 1})
ROWS = one_of(["one-per-order", "total-repeated", "line-amounts"])
LINES = {
    "share": between("a share such as 0.45", "0.45", 0, 2),
    "change": between("a change such as 0.25 for 25 %", "0.25", -1, 10),
    "points": between("a difference such as 0.05 for 5 points", "0.05", -2, 2),
}
"""What the lines of figures in these units must be; of all other units, any number."""
