"""YAML text becomes nodes with their places, and whatever a config has no use for is refused.

The text is read event by event, not loaded: only so are duplicate keys seen, places known, aliases refused before
they unfold, and values that YAML 1.1 reads in a way nobody means (`NO`, `12:30`, `010`) told from the others.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from merchant_check.errors import UserError, UserErrors, Where, clean

MOST_DEPTH = 20
MOST_NODES = 2000
MOST_DIGITS = 60  # a longer plain value is no number anyone means, and working it out may take minutes

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9_]*)?(\.[0-9_]*)?([eE][-+][0-9]+)?")
_TYPES = {"int": "number", "float": "number", "bool": "yes or no", "timestamp": "day", "null": "nothing"}
_CORE = "tag:yaml.org,2002:"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the file and its place.

    `type` is one of text, number, yes or no, day, nothing, list, block. `value` is what YAML reads (None where it
    can't), a list of nodes, or by key the key's node and the value's.
    """

    line: int
    column: int
    type: str
    value: Any = None
    raw: str = ""
    quoted: bool = False

    @property
    def pairs(self) -> dict[str, tuple[Node, Node]]:
        """A block's keys and values by key; nothing for any other node."""
        return self.value if self.type == "block" else {}

    @property
    def is_plain_number(self) -> bool:
        """A finite number in the decimal writing that means the same to everyone."""
        if self.type != "number" or self.value is None:
            return False
        return _DECIMAL.fullmatch(self.raw) is not None and math.isfinite(self.value)


def refusal(where: Where, message: str, remedy: str, code: str = "config-syntax") -> UserErrors:
    return UserErrors([UserError(code, message, remedy=remedy, where=where)])


class Tree:
    """Builds nodes from the parser's events and refuses at once whatever a config has no use for."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.duplicates: list[UserError] = []
        self.nodes = 0

    def root(self) -> Node:
        """The node of the one document; one of type nothing for an empty file."""
        if bad := _FORBIDDEN.search(self.text):
            lines = self.text[: bad.start()].split("\n")
            where = Where(self.file, len(lines), len(lines[-1]) + 1)
            raise refusal(where, f"holds a control character, '{clean(bad[0])}'", "remove it: YAML is plain text")
        self.loader = _Loader(self.text)
        try:
            return self._document()
        except yaml.MarkedYAMLError as error:
            raise self._syntax(error) from None
        finally:
            self.loader.dispose()

    def _document(self) -> Node:
        next_event = self.loader.get_event
        next_event()  # the stream's start
        if isinstance(next_event(), yaml.StreamEndEvent):
            return Node(1, 1, "nothing")
        root = self._node(next_event(), 0, "the config")
        next_event()  # the document's end
        if not isinstance(after := next_event(), yaml.StreamEndEvent):
            raise self._refuse(after, "a second document begins here", "keep one document: remove the line '---'")
        return root

    def _node(self, event: Any, depth: int, path: str) -> Node:
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            name = clean(event.anchor)
            raise self._refuse(event, f"{path} uses the YAML anchor or alias '{name}'", "write the value out instead")
        if event.tag is not None:
            raise self._refuse(
                event, f"{path} has the YAML tag '{clean(event.tag.replace(_CORE, '!!'))}'", "remove the tag"
            )
        if depth > MOST_DEPTH:
            raise self._refuse(event, f"is nested more than {MOST_DEPTH} levels deep", "a config needs four")
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise self._refuse(event, f"holds more than {MOST_NODES} values", "a config is a page of text")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        line, column = _place(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(line, column, "list", [self._node(item, depth + 1, path) for item in self._until_end()])
        return Node(line, column, "block", self._pairs(depth, path))

    def _until_end(self) -> Iterator[Any]:
        """The events that begin the items of the block or list just begun."""
        while not isinstance(event := self.loader.get_event(), yaml.CollectionEndEvent):
            yield event

    def _pairs(self, depth: int, path: str) -> dict[str, tuple[Node, Node]]:
        pairs: dict[str, tuple[Node, Node]] = {}
        for event in self._until_end():
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refuse(event, f"{path} has a key that is no word", "write keys as single words")
            key, name = self._node(event, depth, path), event.value  # as written: YAML reads the key `on` as true
            value = self._node(self.loader.get_event(), depth + 1, clean(name))
            if first := pairs.get(name):
                where = Where(self.file, key.line, key.column)
                message = f"duplicate key '{clean(name)}', given already on line {first[0].line}"
                self.duplicates.append(
                    UserError("config-duplicate-key", message, remedy="keep one of the two", where=where)
                )
            else:
                pairs[name] = key, value
        return pairs

    def _scalar(self, event: yaml.ScalarEvent) -> Node:
        line, column = _place(event)
        raw = event.value
        plain = event.implicit[0]
        tag = self.loader.resolve(yaml.ScalarNode, raw, (True, False)) if plain else ""
        read_as = _TYPES.get(tag.removeprefix(_CORE), "text")
        return Node(line, column, read_as, raw if read_as == "text" else self._value(tag, raw), raw, not plain)

    def _value(self, tag: str, raw: str) -> Any:
        try:
            return self.loader.construct_object(yaml.ScalarNode(tag, raw)) if len(raw) <= MOST_DIGITS else None
        except (ValueError, OverflowError):
            return None

    def _refuse(self, event: Any, message: str, remedy: str) -> UserErrors:
        return refusal(Where(self.file, *_place(event)), message, remedy)

    def _syntax(self, error: yaml.MarkedYAMLError) -> UserErrors:
        mark: Any = error.problem_mark
        if error.context_mark and mark.index >= len(self.text):
            mark = error.context_mark  # something never closed: where it was opened says more than the file's end
        line = (self.text.split("\n")[mark.line :] or [""])[0]
        remedy = "check the quotes, brackets and indentation there"
        if "\t" in line[: len(line) - len(line.lstrip())]:
            remedy = "indent with spaces, not tabs"
        elif "cannot start any token" in str(error.problem):
            remedy = "put the value in quotes"
        elif "mapping values" in str(error.problem):
            remedy = "write 'key: value' with a space, and a text that holds ': ' in quotes"
        where = Where(self.file, mark.line + 1, mark.column + 1)
        return refusal(where, f"is not valid YAML: {clean(str(error.problem), 100)}", remedy)


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1
