"""Files become tables with a role: opened as the user says or as they show themselves, then recognised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from merchant_check.errors import UserError
from merchant_check.read.recognise import ROLES, Layout, assign, known, layout
from merchant_check.read.scratch import Scratch
from merchant_check.read.table import Dialect, Table, open_table

Settings = Mapping[str, Mapping[str, str]]
"""The config's `columns`: role → field or key → header or value."""


@dataclass(frozen=True)
class File:
    """A file to read: where it is, what reports call it, and its role (None: told by its headers)."""

    path: str
    name: str
    role: str | None = None


def open_files(files: Sequence[File], columns: Settings, scratch: Scratch) -> list[tuple[Table, Layout]]:
    """Open the files and give each its role. Raises UserError where one can't be read or fits no role."""
    return assign([open_file(file, columns, scratch) for file in files], columns)


def open_file(file: File, columns: Settings, scratch: Scratch) -> tuple[Table, str | None]:
    """A file's table, and its role if that is settled before its headers are looked at.

    An encoding or separator told for one role is tried on every file that may have that role.
    """
    if file.role:
        return open_table(file.path, file.name, known, scratch, _dialect(columns, file.role)), file.role
    told = {role: _dialect(columns, role) for role in ROLES}
    if len(set(told.values())) == 1:
        return open_table(file.path, file.name, known, scratch, told[ROLES[0]]), None
    for role, dialect in told.items():
        with suppress(UserError):
            table = open_table(file.path, file.name, known, scratch, dialect)
            if dialect != Dialect() and isinstance(layout(table, role, columns.get(role, {})), Layout):
                return table, role
    return open_table(file.path, file.name, known, scratch, Dialect()), None


def _dialect(columns: Settings, role: str) -> Dialect:
    settings = columns.get(role, {})
    return Dialect(settings.get("encoding"), settings.get("delimiter"))
