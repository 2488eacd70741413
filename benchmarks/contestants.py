"""Who runs on the same file: the report itself, the bare parse that is its limit, and the same facts elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.agreement import Tables, reported

MEMORY_LIMIT = "128MiB"
JUDGED = (0, 1, 2)  # exit codes of a report that was written
LARGE = 20_000_000  # more rows than this only the report and the bare parse are given, unless others are asked for

Facts = Callable[[Path], Tables]


@dataclass(frozen=True)
class Contestant:
    """A command on a file; `facts` reads its tables from what it printed (None: it finds no facts)."""

    id: str
    title: str
    command: Callable[[Path], list[str]]
    facts: Facts | None
    lawful: tuple[int, ...] = (0,)
    needs: tuple[str, ...] = ()
    any_size: bool = False

    @property
    def missing(self) -> list[str]:
        """The packages it needs that are not installed."""
        return [name for name in self.needs if not find_spec(name)]


def _module(name: str) -> Callable[[Path], list[str]]:
    return lambda path: [sys.executable, "-m", name, str(path)]


def report(path: Path, *options: str) -> list[str]:
    """The command as its users run it."""
    return [sys.executable, "-m", "merchant_check", "report", str(path), "--format", "json", *options]


def zipped(path: Path) -> Path:
    return path.with_suffix(".csv.gz")


def _from_report(output: Path) -> Tables:
    return reported(json.loads(output.read_text("utf-8")))


def _from_tables(output: Path) -> Tables:
    tables: Tables = json.loads(output.read_text("utf-8"))
    return tables


REPORT = Contestant("report", "merchant-check, the whole report", report, _from_report, JUDGED, any_size=True)
BARE = Contestant("bare", "bare parse of the six columns (polars)", _module("benchmarks.bare"), None, any_size=True)
DUCKDB = Contestant("duckdb", "DuckDB, SQL", _module("benchmarks.duck"), _from_tables, needs=("duckdb",))
PANDAS = Contestant(
    "pandas", "pandas", _module("benchmarks.pandas_orders"), _from_tables, needs=("pandas", "numpy", "pyarrow")
)
LIMITED = Contestant(
    "limited",
    f"merchant-check --memory-limit {MEMORY_LIMIT}",
    lambda path: report(path, "--memory-limit", MEMORY_LIMIT),
    _from_report,
    JUDGED,
)
GZIP = Contestant("gzip", "merchant-check, the file gzipped", lambda path: report(zipped(path)), _from_report, JUDGED)

CONTESTANTS = (REPORT, BARE, DUCKDB, PANDAS, LIMITED, GZIP)

PYTHON = Contestant("python", "`python -c pass`", lambda _: [sys.executable, "-c", "pass"], None)
POLARS = Contestant("polars", '`python -c "import polars"`', lambda _: [sys.executable, "-c", "import polars"], None)
HELP = Contestant("help", "`--help`", lambda _: [sys.executable, "-m", "merchant_check", "--help"], None)
SMALL = Contestant("small", "the whole report on 10,000 orders", report, _from_report, JUDGED)

STARTERS = (PYTHON, POLARS, HELP, SMALL)
