"""What is known of files, as data: formats.yaml, and how its names and words are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def formats() -> Mapping[str, Any]:
    """The contents of formats.yaml."""
    import yaml  # noqa: PLC0415 - start-up: not every command reads a file

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = files("merchant_check.read").joinpath("formats.yaml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, Loader=loader)
    return loaded


@cache
def fold(name: str) -> str:
    """A header name as it is compared: full-width letters narrowed, no case, blanks or punctuation."""
    return re.sub(r"[\s_\-./#*()'\"\u200b\ufeff]+", "", unicodedata.normalize("NFKC", name).casefold())


def fold_words(*path: str) -> frozenset[str]:
    """A list of words of formats.yaml, folded; `path` leads to it."""
    found: Any = formats()
    for key in path:
        found = found[key]
    return frozenset(fold(str(word)) for word in found)


def month_by_name(word: str) -> int | None:
    """The number of a month by its name, or the name's start of three letters or more, in the languages known."""
    start = word.casefold()
    for number, names in enumerate(formats()["month_names"], 1):
        if len(start) >= 3 and any(str(name).startswith(start) or start.startswith(str(name)) for name in names):
            return number
    return None
