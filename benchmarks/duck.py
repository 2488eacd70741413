"""Print the facts of an orders file as JSON, computed by DuckDB: `python -m benchmarks.duck FILE.csv`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import duckdb

SCRIPT = Path(__file__).with_name("orders.sql")
TABLES = ("totals", "months", "days", "years", "second_order", "cohorts", "set_aside")


def facts(path: str) -> dict[str, list[dict[str, Any]]]:
    """The tables of orders.sql, row by row."""
    with duckdb.connect() as database:
        database.execute("set preserve_insertion_order = false")
        database.execute("set variable file = ?", [path])
        database.execute(SCRIPT.read_text("utf-8"))
        return {table: _rows(database.execute(f"from {table}")) for table in TABLES}


def _rows(found: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


if __name__ == "__main__":
    print(json.dumps(facts(sys.argv[1]), default=str))
