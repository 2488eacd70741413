"""Headers become fields, and files become roles and known exports, by the names in formats.yaml."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import polars as pl

from merchant_check.errors import UserError, clean
from merchant_check.read.formats import fold, fold_words, formats
from merchant_check.read.table import Table
from merchant_check.read.text import BLANKS, by_value, text

FIGURES = re.compile(r"[-+($€£¥]*[0-9][0-9.,:/-]*")
ROLES = ("orders", "staffing", "cash")
CUSTOMER_FIELDS = ("email", "customer_id", "phone", "customer_name")  # naming one in the config switches others off
READING = ("rows", "date_format", "decimal_mark", "financing_match", "opening_balance", "encoding", "delimiter")
"""The keys of `columns.<role>` in the config that name no column."""


@dataclass(frozen=True)
class State:
    """A column that says what became of a row: kept, cancelled, unpaid, refunded, not a sale, or (people) left."""

    index: int
    meanings: Mapping[str, str]
    filled: str | None = None
    otherwise: str | None = None

    @property
    def column(self) -> str:
        return f"c{self.index}"

    def word(self, cell: str) -> str | None:
        """What an entry means; None where it is not known."""
        return self.filled or self.meanings.get(fold(cell), self.otherwise)

    def meaning(self) -> pl.Expr:
        """What each row's entry means; null where it is blank or not known."""
        return by_value(pl.col(self.column), self.word)


@dataclass(frozen=True)
class Layout:
    """How a table's columns serve a role: the shape it fits, the name of its format, and where each field stands.

    `columns` are the table's (c0, c1, …): of several the first filled one counts, row by row. `plus` and `minus` are
    further parts of an amount. `settings` are what the user said of the role, `traits` what is known of the export.
    """

    role: str
    shape: str
    format: str
    columns: Mapping[str, tuple[str, ...]]
    headers: Mapping[str, str]
    states: tuple[State, ...] = ()
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    traits: Mapping[str, Any] = field(default_factory=dict)

    def has(self, *names: str) -> bool:
        return all(name in self.columns for name in names)

    def cell(self, name: str) -> pl.Expr:
        """The field's cell as it stands; null in all rows where the file has no such column."""
        columns = self.columns.get(name, ())
        if len(columns) < 2:
            return pl.col(columns[0]) if columns else pl.lit(None, pl.String)
        return pl.coalesce(pl.when(pl.col(name).str.strip_chars(BLANKS) != "").then(pl.col(name)) for name in columns)

    def text(self, name: str) -> pl.Expr:
        """The field's cell as clean text."""
        return text(self.cell(name)) if name in self.columns else pl.lit(None, pl.String)


@cache
def _aliases(role: str) -> Mapping[str, tuple[str, ...]]:
    return {name: tuple(map(fold, names)) for name, names in formats()[role]["fields"].items()}


@cache
def _known_names() -> frozenset[str]:
    generic = {name for role in ROLES for names in _aliases(role).values() for name in names}
    exported = {fold(name) for export in formats()["exports"].values() for name in _names_of(export)}
    return frozenset(generic | exported)


def _names_of(export: Mapping[str, Any]) -> list[str]:
    fields = [name for headers in export.get("fields", {}).values() for name in _several(headers)]
    return [*export["signs"], *fields, *export.get("states", {})]


def _several(headers: str | list[str]) -> list[str]:
    return headers if isinstance(headers, list) else [headers]


def known(headers: Sequence[str]) -> int:
    """How many of the headers mean something in any role."""
    return sum(fold(header) in _known_names() for header in headers)


def layout(table: Table, role: str, settings: Mapping[str, str]) -> Layout | list[str]:
    """Fit a table into a role; where it doesn't fit, the fields still missing for the nearest shape.

    `settings` are the config's `columns.<role>`: field → header, and how to read. Raises UserError where they name
    unknown columns, where two headers mean the same field, or where the export can't serve.
    """
    folded = [fold(header) for header in table.headers]
    name, export = _export(table, role)
    _refuse_useless(table, export, settings)
    found = _exported(folded, export) if export else _by_alias(folded, role, settings)
    found |= {each: (_chosen_column(table, role, each, settings[each]),) for each in _aliases(role) if each in settings}
    if chosen := [each for each in CUSTOMER_FIELDS if each in settings]:
        found = {each: columns for each, columns in found.items() if each not in CUSTOMER_FIELDS or each in chosen}
    if "order_id" not in found and "order_name" in found:
        found["order_id"] = found.pop("order_name")
    shape = _shape(role, found, export, settings)
    if isinstance(shape, list):
        return shape
    states = tuple(_states(folded, role, export, found, by_user="status" in settings))
    parts = [index for each in ("plus", "minus") for index in _indexes(folded, export.get(each, []))]
    _refuse_twins(table, folded, found, parts)
    return Layout(
        role,
        shape,
        export.get("name", name) or shape,
        columns={each: tuple(f"c{index}" for index in columns) for each, columns in found.items()},
        headers={
            **{each: ", ".join(table.headers[index] for index in columns) for each, columns in found.items()},
            **({"status": ", ".join(table.headers[state.index] for state in states)} if states else {}),
        },
        states=states,
        plus=tuple(f"c{index}" for index in _indexes(folded, export.get("plus", []))),
        minus=tuple(f"c{index}" for index in _indexes(folded, export.get("minus", []))),
        settings={key: value for key, value in settings.items() if key in READING},
        traits=export,
    )


def _export(table: Table, role: str) -> tuple[str, Mapping[str, Any]]:
    """The known export of the role that has these headers: its name and what is known of it; nothing if none has."""
    names = {fold(header) for header in table.headers}
    fits = [
        (len(export["signs"]), name, export)
        for name, export in formats()["exports"].items()
        if export["role"] == role
        and export.get("across", False) == table.across
        and all(fold(sign) in names for sign in export["signs"])
    ]
    _, name, export = max(fits, key=lambda fit: fit[0], default=(0, "", {}))
    return name, export


def _refuse_useless(table: Table, export: Mapping[str, Any], settings: Mapping[str, str]) -> None:
    if "refuse" in export and set(settings) <= set(READING):
        raise UserError("no-use", export["refuse"], remedy=export["remedy"], where=table.where(table.header_line))


def _indexes(folded: Sequence[str], headers: str | list[str]) -> tuple[int, ...]:
    return tuple(folded.index(fold(header)) for header in _several(headers) if fold(header) in folded)


def _exported(folded: Sequence[str], export: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    found = {name: _indexes(folded, headers) for name, headers in export.get("fields", {}).items()}
    return {name: columns for name, columns in found.items() if columns}


def _by_alias(folded: Sequence[str], role: str, settings: Mapping[str, str]) -> dict[str, tuple[int, ...]]:
    """Each field's best header that no field before it has taken."""
    found: dict[str, tuple[int, ...]] = {}
    for name, aliases in _aliases(role).items():
        taken = {index for columns in found.values() for index in columns}
        free = (folded.index(alias) for alias in aliases if alias in folded)
        index = next((index for index in free if index not in taken), None)
        if index is not None and name not in settings:
            found[name] = (index,)
    return found


def _shape(
    role: str, found: Mapping[str, Any], export: Mapping[str, Any], settings: Mapping[str, str]
) -> str | list[str]:
    """The first shape of the role whose fields are all there; else what the nearest one lacks."""
    shapes: Mapping[str, list[str]] = formats()[role]["shapes"]
    if "shape" in export:
        needed = ["balance"] if export["shape"] == "bank statement" else []
        shapes = {export["shape"]: export.get("needs", needed)}
    known_balance = {"balance"} if "opening_balance" in settings else set()
    missing = {
        shape: [name for name in needed if name not in {*found, *known_balance}] for shape, needed in shapes.items()
    }
    shape = min(missing, key=lambda name: len(missing[name]))
    return missing[shape] or shape


def _states(
    folded: Sequence[str], role: str, export: Mapping[str, Any], found: Mapping[str, tuple[int, ...]], *, by_user: bool
) -> list[State]:
    """The columns that say what became of a row, with the meaning of their words."""
    common = _common_meanings(role)
    if not export or by_user:
        return [State(index, common) for index in found.get("status", ())]
    states = []
    for header, given in export.get("states", {}).items():
        own = {fold(word): kind for kind, words in given.items() if isinstance(words, list) for word in words}
        states += [
            State(index, {**common, **own}, given.get("filled"), given.get("otherwise"))
            for index in _indexes(folded, header)
        ]
    return states


@cache
def _common_meanings(role: str) -> Mapping[str, str]:
    if role == "staffing":
        return dict.fromkeys(fold_words("left_words"), "left")
    return {word: kind for kind in formats()["status_words"] for word in fold_words("status_words", kind)}


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


def _refuse_twins(table: Table, folded: list[str], found: Mapping[str, tuple[int, ...]], parts: Sequence[int]) -> None:
    fields = [(name, index) for name, columns in found.items() for index in columns]
    for name, index in [*fields, *(("amount", index) for index in parts)]:
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
    Raises UserError for a table that fits no role, saying what is missing for the nearest, and for one of which it
    can't be told whether its rows are orders or bookings.
    """
    served: list[tuple[Table, Layout]] = []
    doubles: list[tuple[Table, list[Layout]]] = []
    for table, forced in tables:
        fits = {role: layout(table, role, columns.get(role, {})) for role in ((forced,) if forced else _likely(table))}
        good = [fit for fit in fits.values() if isinstance(fit, Layout)]
        roles = [fit.role for fit in good]
        if not good:
            raise _fits_nothing(table, {role: fit for role, fit in fits.items() if isinstance(fit, list)}, forced)
        if roles[0] == "orders" and good[-1].shape == "bank statement":
            raise _orders_or_bookings(table)
        if roles == ["staffing", "cash"]:
            doubles.append((table, good))
        else:
            served.append((table, good[0]))
    taken = {fit.role for _, fit in served}
    for table, good in doubles:
        free = [fit for fit in good if fit.role not in taken] or good[-1:]
        served += [(table, fit) for fit in free]
        taken |= {fit.role for fit in free}
    return served


def _likely(table: Table) -> tuple[str, ...]:
    """The role of the known export that the file is, else all of them."""
    best = max(ROLES, key=lambda role: len(_export(table, role)[1].get("signs", ())))
    return (best,) if _export(table, best)[1] else ROLES


def _orders_or_bookings(table: Table) -> UserError:
    return UserError(
        "two-roles",
        "has an amount and a running balance: its rows may be orders or a bank's bookings",
        remedy="pass it with --orders or with --cash",
        where=table.where(table.header_line),
    )


def _fits_nothing(table: Table, missing: Mapping[str, list[str]], forced: str | None) -> UserError:
    if not known(table.headers) and any(FIGURES.fullmatch(header) for header in table.headers):
        return UserError(
            "no-header",
            "has no header row: its first row is data",
            remedy="write the columns' names above it, such as date,description,amount,balance",
            where=table.where(table.header_line),
        )
    if not known(table.headers) and not forced:
        return UserError(
            "no-role",
            f"fits no role: none of its columns means anything here ({_listed(table.headers)})",
            remedy="name them as in order_id,ordered_at,amount, or map them under columns.orders in the config",
            where=table.where(table.header_line),
        )
    role = min(missing, key=lambda name: len(missing[name]))
    lacks = " and ".join(_words(name) for name in missing[role])
    what = f"can't serve as the {role} file:" if forced else f"fits no role; the nearest is {role}, but"
    first = missing[role][0]
    names = ", ".join(formats()[role]["fields"][first][:3])
    remedy = f"name the column {names} or set columns.{role}.{first} in the config"
    if first == "balance":
        remedy = "set columns.cash.opening_balance in the config to the balance before the first booking"
    return UserError(
        "no-role",
        f"{what} it has no column for the {lacks} (its columns: {_listed(table.headers)})",
        remedy=remedy,
        where=table.where(table.header_line),
    )


def _words(name: str) -> str:
    return {"ordered_at": "order date", "balance": "running balance"}.get(name, name.replace("_", " "))


def _listed(headers: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(clean(header) or "(no name)" for header in headers[:most])
    return shown + (", …" if len(headers) > most else "")
