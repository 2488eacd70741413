"""A config file becomes a Config, or all its mistakes at once with line, column and remedy; and the example file."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from textwrap import wrap
from typing import Any

from merchant_check.checks import CHECKS
from merchant_check.config import CATEGORIES, CheckConfig, Config, GivenLines, in_force, line_kind
from merchant_check.config.shapes import Key, Kind, Many, Record, Shape, Table, section
from merchant_check.config.tree import Node, Tree, refusal
from merchant_check.errors import UserError, UserErrors, Where, clean
from merchant_check.report import PartSpec, Threshold

MOST_BYTES = 1 << 20
MOST_ERRORS = 50
MOST_WORD = 60  # of a longer word only the start is compared with known ones, which is slow
ALIKE = 0.62  # takes Berlin for Europe/Berlin, but not wran for reason


def load_config(path: Path) -> Config:
    """Read a config file. Raises UserErrors."""
    file = str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        reason = f"cannot read the config: {error.strerror}"
        raise refusal(Where(file), reason, "check its path and permissions", "config-file") from None
    if len(data) > MOST_BYTES:
        raise refusal(Where(file), "is larger than 1 MiB", "a config is a page of text: is this the right file?")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        where = Where(file, data.count(b"\n", 0, error.start) + 1)
        raise refusal(where, f"byte 0x{data[error.start]:02x} is not UTF-8", "save the file as UTF-8") from None
    return parse_config(text, file)


def parse_config(text: str, file: str) -> Config:
    """The config that `text` holds; `file` is its name in errors. Raises UserErrors with every mistake found."""
    tree = Tree(text.removeprefix("\ufeff"), file)
    root = tree.root()
    reader = _Reader(file, tree.duplicates)
    config: Config = reader.read(section(Config), root, "")
    _compare_lines(config, root, reader)
    if reader.errors:
        raise UserErrors(reader.in_order())
    return config


class _Reader:
    """Turns nodes into values as their shapes say, and collects the mistakes; a mistaken value becomes None."""

    def __init__(self, file: str, errors: list[UserError]) -> None:
        self.file = file
        self.errors = errors

    def wrong(self, node: Node, message: str, remedy: str, code: str = "config-value") -> None:
        where = Where(self.file, node.line, node.column)
        self.errors.append(UserError(code, message, remedy=remedy, where=where))

    def in_order(self) -> list[UserError]:
        """The mistakes in the file's order; of very many only the first."""
        found = sorted(self.errors, key=_position)
        if len(found) > MOST_ERRORS:
            message = f"has {len(found) - MOST_ERRORS} more mistakes"
            found[MOST_ERRORS:] = [
                UserError("config-value", message, remedy="mend these first", where=Where(self.file))
            ]
        return found

    def read(self, shape: Shape, node: Node, path: str) -> Any:
        """The value of a node; `path` names it in messages."""
        if isinstance(shape, Kind):
            return self._one(shape, node, path)
        if isinstance(shape, Many):
            items = node.value if node.type == "list" else [node]
            values = (self.read(shape.of, item, path) for item in items)
            return tuple(value for value in values if value is not None)  # None: mistaken, or a block left empty
        if node.type not in ("block", "nothing"):
            found = "a list" if node.type == "list" else "a single value"
            name, remedy = (
                (path, f"indent 'key: value' lines under {path}")
                if path
                else ("the config", "write 'key: value' lines")
            )
            self.wrong(node, f"{name} must be a block of keys (a YAML mapping), not {found}", remedy)
        if isinstance(shape, Table):
            return self._table(shape, node, path)
        return self._record(shape, node, path)

    def _table(self, shape: Table, node: Node, path: str) -> dict[str, Any]:
        for name, (key, _) in node.pairs.items():
            if not shape.key.fits(name):
                message = f"a key of {path} must be {shape.key.words}, not '{clean(name)}'"
                self.wrong(key, message, f"write it like {shape.key.example}")
        return {name: self.read(shape.of, child, f"{path}.{clean(name)}") for name, (_, child) in node.pairs.items()}

    def _record(self, shape: Record, node: Node, path: str) -> Any:
        if node.type == "nothing" and shape.required:
            return None
        values: dict[str, Any] = {}
        for name, (key, child) in node.pairs.items():
            if known := shape.keys.get(name):
                values[name] = self.read(known.shape, child, f"{path}.{name}" if path else name)
            else:
                message = f"unknown key '{clean(name)}'{f' in {path}' if path else ''}"
                self.wrong(key, message, _known_keys(name, shape.keys), "config-unknown-key")
        for name in shape.required:
            if name not in values:
                values[name] = None
                self.wrong(node, f"{path} lacks the key {name}", f"add {name}: {shape.keys[name].example}")
        return shape.build(**values)

    def _one(self, kind: Kind, node: Node, path: str) -> Any:
        if _meets(kind, node):
            return float(node.value) if kind.type == "number" else node.value
        shown = _SHOWN.get(node.type) or f"'{clean(node.raw)}'"
        self.wrong(node, f"{path} must be {kind.words}, not {shown}", _remedy(kind, node))
        return None


_SHOWN = {"list": "a list", "block": "a block of keys", "nothing": "nothing"}


def _position(error: UserError) -> tuple[int, int]:
    where = error.where or Where("")
    return where.line or 0, where.column or 0


def _meets(kind: Kind, node: Node) -> bool:
    if node.type != kind.type or node.value is None or isinstance(node.value, datetime):
        return False
    return (kind.type != "number" or node.is_plain_number) and kind.fits(node.value)


def _known_keys(name: str, keys: Mapping[str, Key]) -> str:
    if name.isdigit():  # {amount: 12,000} is amount: 12 and the key 000
        return "write numbers without commas"
    return _meant(name, keys) or f"known keys are {', '.join(keys)}"


def _meant(word: str, known: Iterable[str]) -> str | None:
    """The suggestion of the known word that a misspelt one resembles."""
    folded = {each.casefold(): each for each in known}
    found = get_close_matches(word.casefold()[:MOST_WORD], folded, 1, ALIKE)
    return f"did you mean '{folded[found[0]]}'?" if found else None


def _remedy(kind: Kind, node: Node) -> str:
    """What to write instead of a value that does not meet its kind."""
    if node.type == "nothing":
        return "give it a value, or remove the line to keep the default"
    if node.type in ("list", "block"):
        return f"write one value, such as {kind.example}"
    special = {"text": _text_remedy, "number": _number_remedy, "day": _day_remedy}.get(kind.type)
    return (special and special(kind, node)) or f"write it like {kind.example}"


def _text_remedy(kind: Kind, node: Node) -> str | None:
    if node.type == "yes or no" or (node.type != "text" and kind.fits(node.raw)):
        return f"YAML reads {clean(node.raw)} as {_as_read(node)}: put it in quotes"
    for other in (node.raw.strip(), node.raw.upper(), node.raw.lower()):
        if kind.fits(other):
            return f"did you mean '{clean(other)}'?"
    return _meant(node.raw, kind.choices())


def _number_remedy(kind: Kind, node: Node) -> str | None:
    if node.type == "text":
        meant = _number_meant(node.raw)
        if meant is None or not kind.fits(meant):
            return None
        why = "without quotes" if node.quoted else f"since YAML reads {clean(node.raw)} as text"
        return f"write {_plain(meant)}, {why}"
    if node.is_plain_number:
        share = node.value / 100
        return (
            f"write {_plain(share)} for {_plain(node.value)} %" if 0.01 < abs(share) <= 1 and kind.fits(share) else None
        )
    if node.value is None:
        return "it has too many digits"
    if node.type == "number" and not math.isfinite(node.value):
        return f"write a finite number, such as {kind.example}"
    return f"YAML reads {clean(node.raw)} as {_as_read(node)}: write a plain decimal number, such as {kind.example}"


def _day_remedy(kind: Kind, node: Node) -> str | None:
    if isinstance(node.value, datetime):
        return f"write the day alone: {node.value.date()}"
    if node.type == "day":
        return "there is no such day" if node.value is None else None
    return "remove the quotes" if node.quoted else None


def _as_read(node: Node) -> str:
    """What YAML takes a plain value for, in words."""
    if node.type == "yes or no":
        return "true" if node.value else "false"
    if node.type == "number" and node.value is not None and not node.is_plain_number:
        return f"the number {_plain(node.value)}"
    return f"a {'date' if node.type == 'day' else node.type}"


def _number_meant(raw: str) -> float | None:
    """The number behind a text such as 1e3, 45 %, 0,45 or 12,000."""
    text = raw.rstrip("% ")
    if re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    return None if not math.isfinite(number) else number / 100 if "%" in raw else number


def _plain(number: float) -> str:
    return f"{number:.12g}" if abs(number) < 1e12 else f"{number:.0f}"


def _compare_lines(config: Config, root: Node, reader: _Reader) -> None:
    """A warning line beyond the critical line would never warn: refuse it, whichever of the two is a default."""
    category = CATEGORIES.get(config.merchant.category)
    if category is None or not config.checks:
        return
    blocks = root.pairs["checks"][1].pairs
    for check in CHECKS:
        given = config.checks.get(check.id, CheckConfig()).lines
        for part in check.parts:
            if part.id in given:
                block, path = blocks[check.id][1], f"checks.{check.id}"
                if part is not check.parts[0]:
                    block, path = block.pairs[part.id][1], f"{path}.{part.id}"
                _compare(part, category, given[part.id], block, path, reader)


def _compare(part: PartSpec, category: str, given: GivenLines, block: Node, path: str, reader: _Reader) -> None:
    nodes = {name: block.pairs[name][1] for name in ("warning", "critical") if name in block.pairs}
    if not nodes or not all(_meets(line_kind(part), node) for node in nodes.values()):
        return
    lines = in_force(part, category, given)
    if lines.warning is None or lines.critical is None or not lines.beyond(lines.warning, lines.critical):
        return
    default = " (the default)" if isinstance(part.lines, Threshold) else f" (the default for {category} shops)"
    warning, critical = (
        f"{name} line {line:g}{'' if name in nodes else default}"
        for name, line in (("warning", lines.warning), ("critical", lines.critical))
    )
    message = f"{path}: the {warning} lies beyond the {critical}, so that it would never warn"
    near, far = ("or more", "or less") if lines.better == "higher" else ("or less", "or more")
    remedy = f"set warning to {lines.critical:g} {near}, or critical to {lines.warning:g} {far}"
    reader.wrong(next(iter(nodes.values())), message, remedy, "config-lines")


def example() -> str:
    """The text of config.example.yaml: every key with its meaning, unit and default."""
    head = (
        "The configuration of merchant-check: all of it is optional. What has no default is commented out and shows "
        "an example. Generated from merchant_check/config.py."
    )
    lines = list(_comment(head, ""))
    for name, key in section(Config).keys.items():
        lines += ["", *_entry(name, key, "")]
    return "\n".join(lines) + "\n"


def _entry(name: str, key: Key, pad: str) -> Iterator[str]:
    if key.help:
        yield from _comment(key.meaning, pad)
    if isinstance(key.shape, Record):
        yield f"{pad}{name}:"
        for inner, inner_key in key.shape.keys.items():
            yield from _entry(inner, inner_key, f"{pad}  ")
    elif isinstance(key.shape, Table):
        yield f"{pad}{name}:"
        yield f"{pad}  #{key.shape.key.example}: {key.example}"
    elif key.default:
        yield f"{pad}{name}: {key.default}"
    else:
        yield f"{pad}#{name}: {key.example}"


def _comment(text: str, pad: str) -> Iterator[str]:
    return (f"{pad}# {line}" for line in wrap(text, 110 - len(pad)))
