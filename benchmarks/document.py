"""What was measured becomes docs/performance.md: targets first, then every value with its spread, then the machine."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.contestants import BARE, DUCKDB, HELP, PANDAS, POLARS, PYTHON, REPORT, SMALL, STARTERS, Contestant
from benchmarks.measure import ROOT, Cost, Spread, ratio, spread

DOCUMENT = ROOT / "docs" / "performance.md"
MARK = re.compile(r"(<!-- measured: .+? -->\n).*?(<!-- end -->)", re.DOTALL)
PACKAGES = ("polars", "duckdb", "pandas", "pyarrow", "numpy")
SMALL_ROWS = 10_000
USUAL, LARGE = 10_000_000, 100_000_000
MIB, GIB = 2**20, 2**30

Costs = dict[tuple[int, str], list[Cost]]
"""By size and contestant's id, in order of the rounds."""


@dataclass(frozen=True)
class Size:
    """A file of so many orders and bytes, and who ran on it."""

    rows: int
    bytes: int
    contestants: Sequence[Contestant]


@dataclass(frozen=True)
class Results:
    """The costs of each contestant (and starter, at SMALL_ROWS), the machine's load average before it, and
    which contestants were skipped and why."""

    costs: Costs
    sizes: Sequence[Size]
    load: float
    skipped: Sequence[str]

    @property
    def rounds(self) -> int:
        return max(len(self.costs[size.rows, REPORT.id]) for size in self.sizes)

    def ratio(self, ours: tuple[int, Contestant], theirs: tuple[int, Contestant], what: str) -> Spread | None:
        """One cost over another, round by round; None where either was not measured."""
        mine, others = (self.costs.get((rows, each.id)) for rows, each in (ours, theirs))
        return ratio(mine, others, what) if mine and others else None

    def peak(self, rows: int) -> Spread | None:
        """The report's peak memory in GiB."""
        costs = self.costs.get((rows, REPORT.id))
        return spread(cost.peak / GIB for cost in costs) if costs else None


# ---- targets


@dataclass(frozen=True)
class Target:
    """A line that the middle of the rounds must not cross: at most (or at least) so much."""

    measure: str
    bound: float
    value: Callable[[Results], Spread | None]
    at_least: bool = False
    unit: str = "×"

    def row(self, results: Results) -> str:
        found = self.value(results)
        line = f"{'≥' if self.at_least else '≤'} {self.bound:g} {self.unit}"
        if found is None:
            return f"| {self.measure} | {line} | – | not measured |"
        met = found.middle >= self.bound if self.at_least else found.middle <= self.bound
        return f"| {self.measure} | {line} | {_spread(found)} {self.unit} | {'met' if met else '**not met**'} |"


TARGETS = (
    Target(
        "CPU: whole report / bare parse, 10 M orders",
        2.0,
        lambda results: results.ratio((USUAL, REPORT), (USUAL, BARE), "cpu"),
    ),
    Target(
        "wall: DuckDB SQL / whole report, 10 M orders",
        2.5,
        lambda results: results.ratio((USUAL, DUCKDB), (USUAL, REPORT), "wall"),
        at_least=True,
    ),
    Target(
        "wall: pandas / whole report, 10 M orders",
        6,
        lambda results: results.ratio((USUAL, PANDAS), (USUAL, REPORT), "wall"),
        at_least=True,
    ),
    Target(
        "peak memory: whole report / pandas, 10 M orders",
        0.25,
        lambda results: results.ratio((USUAL, REPORT), (USUAL, PANDAS), "peak"),
    ),
    Target("peak memory of the whole report, 10 M orders", 0.8, lambda results: results.peak(USUAL), unit="GiB"),
    Target("peak memory of the whole report, 100 M orders", 1.5, lambda results: results.peak(LARGE), unit="GiB"),
    Target(
        "CPU: whole report on 100 M / on 10 M orders",
        11.5,
        lambda results: results.ratio((LARGE, REPORT), (USUAL, REPORT), "cpu"),
    ),
    Target(
        "CPU: `--help` / `python -c pass`",
        8,
        lambda results: results.ratio((SMALL_ROWS, HELP), (SMALL_ROWS, PYTHON), "cpu"),
    ),
    Target(
        'CPU: whole report on 10,000 orders / `python -c "import polars"`',
        1.8,
        lambda results: results.ratio((SMALL_ROWS, SMALL), (SMALL_ROWS, POLARS), "cpu"),
    ),
)


# ---- the text


def measured(results: Results, command: str) -> str:
    """All that stands between the marks."""
    parts = [
        f"Measured on {datetime.now(UTC):%Y-%m-%d} at {_commit()} by `{command}`. Each value is the middle of "
        f"{results.rounds} rounds, in brackets the smallest and the largest; a file of 100 M orders has one round.",
        "### Targets",
        "\n".join(
            [
                "| ratio within a round, or memory | target | measured | |",
                "| --- | --- | --- | --- |",
                *(target.row(results) for target in TARGETS),
            ]
        ),
        *(part for size in results.sizes for part in _size(results, size)),
        *([f"Skipped: {'; '.join(results.skipped)}."] if results.skipped else []),
        "### Start-up",
        _starts(results),
        "### The machine",
        machine(results.load),
    ]
    return "\n\n".join(parts)


def _size(results: Results, size: Size) -> list[str]:
    rows = [
        "| | wall, s | CPU, s | peak, MiB | CPU / bare parse | wall / report |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for each in size.contestants:
        costs, own = results.costs[size.rows, each.id], (size.rows, each)
        cells = [
            _spread(spread(cost.wall for cost in costs)),
            _spread(spread(cost.cpu for cost in costs)),
            _whole(spread(cost.peak / MIB for cost in costs)),
            _spread(results.ratio(own, (size.rows, BARE), "cpu")),
            _spread(results.ratio(own, (size.rows, REPORT), "wall")),
        ]
        rows.append(f"| {each.title} | {' | '.join(cells)} |")
    return [f"### {size.rows:,} orders ({size.bytes / MIB:,.0f} MiB)", "\n".join(rows)]


def _starts(results: Results) -> str:
    rows = ["| | wall, ms | CPU, ms |", "| --- | --- | --- |"]
    for each in STARTERS:
        costs = results.costs[SMALL_ROWS, each.id]
        cells = [
            _whole(spread(cost.wall * 1000 for cost in costs)),
            _whole(spread(cost.cpu * 1000 for cost in costs)),
        ]
        rows.append(f"| {each.title} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _spread(found: Spread | None) -> str:
    return f"{found.middle:.2f} ({found.low:.2f}–{found.high:.2f})" if found else "–"


def _whole(found: Spread) -> str:
    return f"{found.middle:,.0f} ({found.low:,.0f}–{found.high:,.0f})"


def machine(load: float) -> str:
    """What it ran on; the versions are of this environment, in which the contestants ran too."""
    memory = f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / GIB:.1f} GiB of memory"
    packages = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    return "\n".join(
        [
            f"- {_processor()}, {os.cpu_count()} cores, {memory}; load {load:.2f} before the run",
            f"- {platform.platform()}",
            f"- Python {platform.python_version()}, {packages}",
        ]
    )


def _processor() -> str:
    listing = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*: (.+)$", listing.read_text("utf-8"), re.MULTILINE) if listing.exists() else []
    return names[0] if names else platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    changed = " with changes" if git("status", "--porcelain", "--", "merchant_check", "benchmarks") else ""
    return f"commit {git('rev-parse', '--short', 'HEAD') or 'unknown'}{changed}"


def write(text: str) -> None:
    """Put the text between the marks of docs/performance.md."""
    old = DOCUMENT.read_text("utf-8")
    DOCUMENT.write_text(MARK.sub(lambda found: f"{found[1]}{text}\n{found[2]}", old), "utf-8")
