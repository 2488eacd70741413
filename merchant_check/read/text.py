"""Cells become clean text, as polars expressions: trimmed, freed of a spreadsheet's guards, and null where empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from merchant_check.read.formats import formats

BLANKS = " \t\r\n\u00a0\u200b\ufeff"
GUARD = r"""^(?:="(.*)"|'(.*))$"""  # ="0012" and '0012 keep a spreadsheet from reading a number

FEW_CELLS = 1000  # of a batch, which are told from memory
MOST_KNOWN = 100_000

DataType = pl.DataType | type[pl.DataType]
Reading = Callable[[pl.Series], pl.Series]
PLAIN = r"^[#A-Za-z0-9](?:[ -~]{4,}[A-Za-z0-9]|[ -~]*[0-9])$"
"""Nothing to trim or to unguard, and too long for a word that means "nothing here", or ending in a figure."""


def text(column: pl.Expr) -> pl.Expr:
    """The cells trimmed and unguarded, with whatever means "nothing here" as null."""
    return quickly_or_closely(column, matching(column, PLAIN), closely, pl.String)


def matching(column: pl.Expr, pattern: str) -> pl.Expr:
    """The cells that match the pattern; null where they don't."""
    return pl.when(column.str.contains(pattern)).then(column)


def closely(cells: pl.Series) -> pl.Series:
    """Cells as clean text, whatever they are like."""
    shown = cells.str.strip_chars(BLANKS).str.replace(GUARD, "${1}${2}").str.strip_chars(BLANKS)
    missing = [str(word).lower() for word in formats()["missing_words"]]
    return shown.set((shown == "") | shown.str.to_lowercase().is_in(missing), None)


def quickly_or_closely(column: pl.Expr, quickly: pl.Expr, closely: Reading, dtype: DataType) -> pl.Expr:
    """What cells say: as read in a quick way, which gives null for all but the usual ones; and those others one by one
    in a careful way. What is costly is so done for few."""
    return pl.coalesce(quickly, closely_read(pl.when(quickly.is_null()).then(column), closely, dtype))


def closely_read(column: pl.Expr, reading: Reading, dtype: DataType) -> pl.Expr:
    """What cells say, read in a careful way; for columns with few of them. What a cell said is remembered, as patterns
    take longer to make than to apply, and most odd cells are of a kind: n/a."""
    known: dict[str, object] = {}

    def remembered(cells: pl.Series) -> pl.Series:
        new = [cell for cell in cells.unique() if cell not in known]
        if new:
            known.update(zip(new, reading(pl.Series(new, dtype=pl.String)), strict=True))
        return pl.Series([known[cell] for cell in cells], dtype=dtype)

    def batch(cells: pl.Series) -> pl.Series:
        nothing = pl.Series(cells.name, [None], dtype).new_from_index(0, len(cells))
        if cells.null_count() == len(cells):
            return nothing
        odd = cells.drop_nulls()
        found = remembered(odd) if len(odd) <= FEW_CELLS and len(known) < MOST_KNOWN else reading(odd)
        return nothing.scatter(cells.is_not_null().arg_true(), found)

    return column.map_batches(batch, return_dtype=dtype, is_elementwise=True)


def by_value(column: pl.Expr, meaning: Callable[[str], object], dtype: DataType = pl.String) -> pl.Expr:
    """What each cell's text means, null where that is nothing: found once for each distinct cell, for columns with few
    of them, such as days and states."""

    def looked_up(cells: pl.Series) -> pl.Series:
        distinct = cells.unique()
        return cells.replace_strict(distinct, _means(distinct, meaning, dtype), default=None, return_dtype=dtype)

    return closely_read(column, looked_up, dtype)


def by_common(column: pl.Expr, meaning: Callable[[str], object], dtype: DataType, common: Sequence[str]) -> pl.Expr:
    """The same for the `common` cells alone, which are compared one by one; null for others."""
    found = pl.lit(None, dtype)
    for cell, value in zip(common, _means(pl.Series(common, dtype=pl.String), meaning, dtype), strict=True):
        found = pl.when(column == cell).then(pl.lit(value, dtype)).otherwise(found)
    return found


def _means(cells: pl.Series, meaning: Callable[[str], object], dtype: DataType) -> pl.Series:
    found = [meaning(cell) if cell is not None else None for cell in closely(cells)]
    return pl.Series(cells.name, found, dtype=dtype)


def folded(words: pl.Expr) -> pl.Expr:
    """Words compared as headers are, save for full-width letters: for columns of many distinct cells."""
    return words.str.to_lowercase().str.replace_all(r"[\s_\-./#*()]+", "")
