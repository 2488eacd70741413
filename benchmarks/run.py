"""The benchmark: `python -m benchmarks.run [--rows 1e6 1e7] [--write]`; see README.md in this folder.

Every contestant runs as a process of its own on the same file, one after the other, in an order that turns from round
to round; ratios are taken within a round. All must find the report's figures, or the run ends without a table.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import contestants, document
from benchmarks.agreement import Tables, differences
from benchmarks.contestants import CONTESTANTS, GZIP, LARGE, LIMITED, REPORT, STARTERS, Contestant
from benchmarks.document import SMALL_ROWS, Costs, Results, Size
from benchmarks.measure import Cost, Failed, run

STARTS = 4  # a start is short: so many are measured in each round
BLOCK = 1 << 20


def main(arguments: Sequence[str]) -> None:
    """Measure, print the tables, and with --write put them into docs/performance.md."""
    asked = _options().parse_args(arguments)
    load = os.getloadavg()[0]  # of others: later it would be our own
    asked.data.mkdir(parents=True, exist_ok=True)
    try:
        files = {rows: _file(rows, asked.data) for rows in sorted({SMALL_ROWS, *asked.rows})}
        chosen, skipped = _chosen(asked.only)
        sizes = {rows: [each for each in chosen if asked.only or each.any_size or rows <= LARGE] for rows in asked.rows}
        costs = _measured(files, sizes, asked.repeats, asked.data)
    except Failed as failure:
        sys.exit(f"benchmark: {failure}")
    measured = [Size(rows, files[rows].stat().st_size, contenders) for rows, contenders in sizes.items()]
    command = shlex.join(["python", "-m", "benchmarks.run", *arguments])
    text = document.measured(Results(costs, measured, load, skipped), command)
    print(text)
    if asked.write:
        document.write(text)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="Measure the report against others.")
    parser.add_argument(
        *("--rows", "-r"),
        nargs="+",
        type=lambda text: int(float(text)),
        default=[1_000_000, 10_000_000],
        help="orders in each file [1e6 1e7]; add 1e8 for the large one (7 GB)",
    )
    parser.add_argument("--repeats", "-n", type=int, default=5, help="rounds [5]")
    others = [each.id for each in CONTESTANTS if each is not REPORT]
    parser.add_argument(
        "--only", nargs="+", choices=others, help=f"contestants beside the report; {LARGE:,} rows and more too"
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(tempfile.gettempdir()) / "merchant-check-benchmarks",
        help="where the files are kept for the next run [%(default)s]",
    )
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    return parser


# ---- files


def _file(rows: int, folder: Path) -> Path:
    """The orders file of so many rows, generated unless it is there from an earlier run of the same generator."""
    generator = Path(__file__).with_name("generate.py")
    path = folder / f"orders-{rows}-{hashlib.sha256(generator.read_bytes()).hexdigest()[:8]}.csv"
    if not path.exists():
        _tell(f"generating {rows:,} orders")
        part = path.with_suffix(".part")
        run([sys.executable, "-m", "benchmarks.generate", str(rows), str(part)], folder / "generate.out")
        part.rename(path)
    return path


def _zip(path: Path, folder: Path) -> None:
    """The file gzipped beside it, unless it is there."""
    if not contestants.zipped(path).exists():
        run([sys.executable, "-m", "gzip", "--fast", str(path)], folder / "gzip.out")


def _warm(path: Path) -> None:
    """Read the file once, so that the first contestant is not the only one to wait for the disk."""
    with path.open("rb", buffering=0) as file:
        while file.read(BLOCK):
            pass


# ---- rounds


def _chosen(only: Sequence[str] | None) -> tuple[list[Contestant], list[str]]:
    """The contestants to run, and why others can't."""
    chosen, skipped = [], []
    for each in CONTESTANTS:
        if only and each is not REPORT and each.id not in only:
            continue
        if each.missing:
            skipped.append(f"{each.title} ({', '.join(each.missing)} not installed: pip install '.[bench]')")
        elif each is LIMITED and not _knows_memory_limit():
            skipped.append(f"{each.title} (this version has no such option)")
        else:
            chosen.append(each)
    for said in skipped:
        _tell(f"skipped: {said}")
    return chosen, skipped


def _knows_memory_limit() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "help.out"
        run([sys.executable, "-m", "merchant_check", "report", "--help"], output)
        return "--memory-limit" in output.read_text("utf-8")


def _measured(
    files: Mapping[int, Path], sizes: Mapping[int, Sequence[Contestant]], repeats: int, folder: Path
) -> Costs:
    """The costs of all rounds over all sizes, each with its contestants."""
    for rows, contenders in sizes.items():
        if GZIP in contenders:
            _zip(files[rows], folder)
    costs: Costs = defaultdict(list)
    for number in range(repeats):
        for starter in _turned(STARTERS, number) * STARTS:
            costs[SMALL_ROWS, starter.id].append(_start(starter, files[SMALL_ROWS], folder))
        for rows, contenders in sizes.items():
            if number and rows > LARGE:
                continue  # one round of it takes as long as all the others
            _tell(f"round {number + 1} of {repeats}: {rows:,} orders")
            _warm(files[rows])
            for id_, cost in _round(_turned(contenders, number), files[rows], folder).items():
                costs[rows, id_].append(cost)
    return costs


def _turned(all_: Sequence[Contestant], by: int) -> list[Contestant]:
    at = by % len(all_)
    return [*all_[at:], *all_[:at]]


def _start(starter: Contestant, path: Path, folder: Path) -> Cost:
    return run(starter.command(path), folder / f"{starter.id}.out", starter.lawful)


def _round(contenders: Sequence[Contestant], path: Path, folder: Path) -> dict[str, Cost]:
    """Each contestant once on the file. Raises Failed when one of them finds other figures than the report."""
    costs: dict[str, Cost] = {}
    found: dict[str, Tables] = {}
    for each in contenders:
        output = folder / f"{each.id}.out"
        cost = costs[each.id] = run(each.command(path), output, each.lawful)
        _tell(f"  {each.id:8} {cost.wall:8.2f} s wall {cost.cpu:8.2f} s CPU {cost.peak / 2**20:8.0f} MiB")
        if each.facts:
            found[each.id] = each.facts(output)
    agree(found)
    return costs


def agree(found: dict[str, Tables]) -> None:
    """Raise Failed when a contestant's figures are not the report's."""
    for id_, tables in found.items():
        if wrong := differences(found[REPORT.id], tables):
            raise Failed("\n  ".join([f"{id_} and the report differ:", *wrong]))


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
