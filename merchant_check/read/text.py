"""Cells become clean text, as polars expressions: trimmed, freed of a spreadsheet's guards, and null where empty."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from merchant_check.read.formats import formats

BLANKS = " \t\r\n\u00a0\u200b\ufeff"
GUARD = r"""^(?:="(.*)"|'(.*))$"""  # ="0012" and '0012 keep a spreadsheet from reading a number

Rewrite = Callable[[pl.Series], pl.Series]


def text(column: pl.Expr) -> pl.Expr:
    """The cells trimmed and unguarded, with whatever means "nothing here" as null."""
    shown = unguarded(column.str.strip_chars(BLANKS))
    missing = [str(word).lower() for word in formats()["missing_words"]]
    return pl.when((shown != "") & ~shown.str.to_lowercase().is_in(missing)).then(shown)


def unguarded(column: pl.Expr) -> pl.Expr:
    """Trimmed cells without the signs that spreadsheets put before numbers that are to stay text."""

    def guarded(cells: pl.Series) -> pl.Series:
        return cells.str.starts_with("'") | cells.str.starts_with('="')

    def bare(cells: pl.Series) -> pl.Series:
        return cells.str.replace(GUARD, "${1}${2}").str.strip_chars(BLANKS)

    return rewritten(column, guarded, bare)


def rewritten(column: pl.Expr, odd: Callable[[pl.Series], pl.Series], rewrite: Rewrite) -> pl.Expr:
    """The column with its odd cells rewritten: what is costly is done for them alone."""

    def batch(cells: pl.Series) -> pl.Series:
        where = odd(cells).fill_null(value=False)
        return cells.scatter(where.arg_true(), rewrite(cells.filter(where))) if where.any() else cells

    return column.map_batches(batch, return_dtype=pl.String, is_elementwise=True)


def by_value(column: pl.Expr, meaning: Callable[[str], object], dtype: type[pl.DataType]) -> pl.Expr:
    """Each distinct cell's meaning, found once: for columns with few distinct cells, such as days and states."""

    def batch(cells: pl.Series) -> pl.Series:
        distinct = cells.drop_nulls().unique()
        means = pl.Series([meaning(cell) for cell in distinct], dtype=dtype)
        return cells.replace_strict(distinct, means, default=None, return_dtype=dtype)

    return column.map_batches(batch, return_dtype=dtype, is_elementwise=True)


def folded(words: pl.Expr) -> pl.Expr:
    """Words compared as headers are, save for full-width letters: for columns of many distinct cells."""
    return words.str.to_lowercase().str.replace_all(r"[\s_\-./#*()]+", "")
