"""The JSON Schema of config.yaml, from the shapes that its reader checks: editors complete and explain keys with it."""

from __future__ import annotations

from typing import Any

import yaml

from merchant_check.config import Config
from merchant_check.config.shapes import Key, Kind, Many, Record, Shape, Table, section

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TYPES = {"text": "string", "number": "number", "yes or no": "boolean", "day": "string"}
BLOCK = ["object", "null"]  # a block without keys is lawful, as config.example.yaml is full of them

Json = dict[str, Any]


class _Written(yaml.SafeLoader):
    """Reads YAML as editors do for a schema: a day stays text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the name that PyYAML looks for
        sign: [(tag, form) for tag, form in resolvers if not tag.endswith(":timestamp")]
        for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def config_schema() -> Json:
    """The schema of a config. What it can't say (days that do not exist, lines in the wrong order) the reader does."""
    return {"$schema": DRAFT, "title": "The config of merchant-check", **_schema(section(Config))}


def _schema(shape: Shape) -> Json:
    if isinstance(shape, Kind):
        return {"type": TYPES[shape.type], **shape.terms}
    if isinstance(shape, Many):
        one = _schema(shape.of)
        return {"anyOf": [one, {"type": "array", "items": one}]}
    if isinstance(shape, Table):
        known = {shape.key.terms["pattern"]: _schema(shape.of)}  # editors misread propertyNames that are years
        return {"type": BLOCK, "patternProperties": known, "additionalProperties": False}
    return _record(shape)


def _record(shape: Record) -> Json:
    return {
        "type": BLOCK,
        "properties": {name: _key(key) for name, key in shape.keys.items()},
        **({"required": list(shape.required)} if shape.required else {}),
        "additionalProperties": False,
    }


def _key(key: Key) -> Json:
    return {
        "description": key.meaning,
        **_schema(key.shape),
        **({"default": _value(key.default)} if key.default else {}),
        **({"examples": [_example(key)]} if key.example else {}),
    }


def _example(key: Key) -> Any:
    value = _value(key.example)
    return {key.shape.key.example: value} if isinstance(key.shape, Table) else value


def _value(text: str) -> Any:
    """What a default or an example is, which are YAML text."""
    return yaml.load(text, _Written)
