"""Headers become fields, and files become roles, by the names in formats.yaml."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from merchant_check.errors import UserError, clean
from merchant_check.read.table import Table

ROLES = ("orders", "staffing", "cash")
CUSTOMER_FIELDS = ("email", "customer_id", "phone")  # naming one in the config switches the others off


@dataclass(frozen=True)
class Layout:
    """How a table's columns serve a role: the shape it fits, and each field's column (c0, c1, …) and header."""

    role: str
    shape: str
    columns: Mapping[str, str]
    headers: Mapping[str, str]
    extra: Mapping[str, str] = field(default_factory=dict)  # settings of the role that are not columns

    def has(self, *names: str) -> bool:
        return all(name in self.columns for name in names)


@cache
def formats() -> Mapping[str, Any]:
    """The contents of formats.yaml."""
    import yaml  # noqa: PLC0415 - start-up: not every command reads a file

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = files("merchant_check.read").joinpath("formats.yaml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, Loader=loader)
    return loaded


def fold(name: str) -> str:
    """A header name as it is compared: full-width letters narrowed, no case, blanks or punctuation."""
    return re.sub(r"[\s_\-./#*()\u200b\ufeff]+", "", unicodedata.normalize("NFKC", name).casefold())


def fold_words(*path: str) -> frozenset[str]:
    """A list of words of formats.yaml, folded; `path` leads to it."""
    found: Any = formats()
    for key in path:
        found = found[key]
    return frozenset(fold(str(word)) for word in found)


@cache
def _aliases(role: str) -> Mapping[str, tuple[str, ...]]:
    return {name: tuple(map(fold, names)) for name, names in formats()[role]["fields"].items()}


@cache
def _known_names() -> frozenset[str]:
    return frozenset(name for role in ROLES for names in _aliases(role).values() for name in names)


def known(headers: Sequence[str]) -> int:
    """How many of the headers mean something in any role."""
    return sum(fold(header) in _known_names() for header in headers)


def layout(table: Table, role: str, settings: Mapping[str, str]) -> Layout | list[str]:
    """Fit a table into a role; where it doesn't fit, the fields still missing for the nearest shape.

    `settings` are the config's `columns.<role>`: field → header. Raises UserError where they name unknown columns
    or where two headers mean the same field.
    """
    folded = [fold(header) for header in table.headers]
    found: dict[str, int] = {}
    for name, aliases in _aliases(role).items():
        if name in settings:
            found[name] = _chosen_column(table, role, name, settings[name])
            continue
        free = (folded.index(alias) for alias in aliases if alias in folded)
        index = next((index for index in free if index not in found.values()), None)
        if index is not None:
            found[name] = index
    if chosen := [name for name in CUSTOMER_FIELDS if name in settings]:
        found = {name: index for name, index in found.items() if name not in CUSTOMER_FIELDS or name in chosen}
    _refuse_twins(table, folded, found)
    shapes: Mapping[str, list[str]] = formats()[role]["shapes"]
    missing = {shape: [name for name in needed if name not in found] for shape, needed in shapes.items()}
    shape = min(missing, key=lambda name: len(missing[name]))
    if missing[shape]:
        return missing[shape]
    return Layout(
        role,
        shape,
        columns={name: f"c{index}" for name, index in found.items()},
        headers={name: table.headers[index] for name, index in found.items()},
        extra={key: value for key, value in settings.items() if key not in _aliases(role)},
    )


def _chosen_column(table: Table, role: str, name: str, header: str) -> int:
    if header in table.headers:
        return table.headers.index(header)
    folded = [fold(name) for name in table.headers]
    if fold(header) in folded:
        return folded.index(fold(header))
    near = difflib.get_close_matches(header, table.headers, 1)
    hint = f"did you mean {clean(near[0])!r}?" if near else f"its columns are {_listed(table.headers)}"
    raise UserError(
        "no-such-column",
        f"has no column {clean(header)!r}, which columns.{role}.{name} names",
        remedy=hint,
        where=table.where(table.header_line),
    )


def _refuse_twins(table: Table, folded: list[str], found: Mapping[str, int]) -> None:
    for name, index in found.items():
        if folded.count(folded[index]) > 1:
            raise UserError(
                "duplicate-column",
                f"has the column {clean(table.headers[index])!r} twice",
                remedy=f"remove or rename one of them, so that it is clear which one is the {_words(name)}",
                where=table.where(table.header_line),
            )


def assign(
    tables: Sequence[tuple[Table, str | None]], columns: Mapping[str, Mapping[str, str]]
) -> list[tuple[Table, Layout]]:
    """Give every table its role: the forced one, else the one its headers fit.

    A monthly sheet that fits both staffing and cash serves whichever of them no other file fills.
    Raises UserError for a table that fits no role, saying what is missing for the nearest.
    """
    served: list[tuple[Table, Layout]] = []
    doubles: list[tuple[Table, list[Layout]]] = []
    for table, forced in tables:
        fits = {role: layout(table, role, columns.get(role, {})) for role in ((forced,) if forced else ROLES)}
        good = [fit for fit in fits.values() if isinstance(fit, Layout)]
        if not good:
            raise _fits_nothing(table, {role: fit for role, fit in fits.items() if isinstance(fit, list)}, forced)
        if [fit.role for fit in good] == ["staffing", "cash"]:
            doubles.append((table, good))
        else:
            served.append((table, good[0]))
    taken = {fit.role for _, fit in served}
    for table, good in doubles:
        free = [fit for fit in good if fit.role not in taken] or good[-1:]
        served += [(table, fit) for fit in free]
        taken |= {fit.role for fit in free}
    return served


def _fits_nothing(table: Table, missing: Mapping[str, list[str]], forced: str | None) -> UserError:
    role = min(missing, key=lambda name: len(missing[name]))
    lacks = " and ".join(_words(name) for name in missing[role])
    what = f"can't serve as the {role} file:" if forced else f"fits no role; the nearest is {role}, but"
    first = missing[role][0]
    names = ", ".join(formats()[role]["fields"][first][:3])
    return UserError(
        "no-role",
        f"{what} it has no column for the {lacks} (its columns: {_listed(table.headers)})",
        remedy=f"name the column {names} or set columns.{role}.{first} in the config",
        where=table.where(table.header_line),
    )


def _words(name: str) -> str:
    return name.replace("_", " ").replace("ordered at", "order date")


def _listed(headers: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(clean(header) or "(no name)" for header in headers[:most])
    return shown + (", …" if len(headers) > most else "")
