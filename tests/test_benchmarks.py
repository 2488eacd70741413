"""The benchmark is honest: its orders are the same on every run, all contestants find the report's figures, one that
does not is caught, and the documents quote only what was measured."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import benchmarks.run
from benchmarks import document, generate
from benchmarks.agreement import FIELDS, differences
from benchmarks.contestants import DUCKDB, GZIP, PANDAS, REPORT, Contestant, zipped
from benchmarks.document import TARGETS, Results
from benchmarks.measure import Cost, Failed, ratio, run, spread

ROOT = Path(__file__).parents[1]
ORDERS = 4_000
NUMBER = re.compile(r"\d[\d,.]*\d|\d")


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file drawn in several blocks and written in several chunks, with much more dirt than usual."""
    path = tmp_path_factory.mktemp("orders") / "orders.csv"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "BLOCK", 500)
        patch.setattr(generate, "CHUNK", 100)
        for name in ("BAD_DATES", "NO_DATES", "BAD_AMOUNTS"):
            patch.setattr(generate, name, 0.003)
        patch.setattr(generate, "TWICE", 0.02)
        generate.main(ORDERS, path)
    return path


@pytest.fixture(scope="module")
def reported(orders: Path) -> dict[str, Any]:
    """The report's tables."""
    assert REPORT.facts
    output = orders.with_name("report.out")
    run(REPORT.command(orders), output, REPORT.lawful)
    return dict(REPORT.facts(output))


def test_the_orders_are_the_same_on_every_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "BLOCK", 1000)
    for name in ("one", "two"):
        generate.main(500, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"one", "two"}


def test_there_are_as_many_orders_as_asked_for(orders: Path) -> None:
    header, *rows = orders.read_text("utf-8").splitlines()
    ids = {row.split(",")[0] for row in rows}
    assert header.startswith("order_id,")
    assert len(ids) == ORDERS
    assert len(rows) > ORDERS


def test_the_orders_have_every_kind_of_row(reported: dict[str, Any]) -> None:
    (counts,) = reported["set_aside"]
    assert all(counts[name] > 0 for name in FIELDS["set_aside"])
    assert counts["read"] - counts["used"] == sum(counts[name] for name in FIELDS["set_aside"][2:])
    (totals,) = reported["totals"]
    assert 0 < totals["orders_with_customer"] < totals["orders"]
    assert 0 < totals["repeat_customers"] < totals["customers"]
    assert totals["refunds"] > 0
    assert {row["group"] for row in reported["second_order"]} == {"all", "peak", "other"}


@pytest.mark.parametrize("contestant", [DUCKDB, PANDAS, GZIP], ids=lambda contestant: contestant.id)
def test_all_find_the_figures_of_the_report(contestant: Contestant, orders: Path, reported: dict[str, Any]) -> None:
    if contestant.missing:
        pytest.skip(f"{', '.join(contestant.missing)} not installed: pip install '.[bench]'")
    if contestant is GZIP and not zipped(orders).exists():
        run([sys.executable, "-m", "gzip", str(orders)], orders.with_name("gzip.out"))
    output = orders.with_name(f"{contestant.id}.out")
    run(contestant.command(orders), output, contestant.lawful)
    assert contestant.facts
    assert differences(reported, contestant.facts(output)) == []


def changed(tables: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The tables with one figure changed, for each field; and with one row less."""
    for table, fields in FIELDS.items():
        for field in fields:
            copy = json.loads(json.dumps(tables))
            value = copy[table][0][field]
            copy[table][0][field] = f"{value}?" if isinstance(value, str) else value + 0.01
            yield f"{table} {field}", copy
        yield table, {**tables, table: tables[table][1:]}


def test_a_figure_that_differs_is_caught(reported: dict[str, Any]) -> None:
    benchmarks.run.agree({"report": reported, "duckdb": reported})
    for what, other in changed(reported):
        with pytest.raises(Failed, match=f"duckdb and the report differ:\n  {what.split()[0]}"):
            benchmarks.run.agree({"report": reported, "duckdb": other})


def test_a_command_that_fails_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"ended with 7(?s:.)*what went wrong"):
        run(
            [sys.executable, "-c", "import sys; print('what went wrong', file=sys.stderr); sys.exit(7)"],
            tmp_path / "out",
        )


MEASURE_TWO = """
import sys
from pathlib import Path
import benchmarks.run as benchmark
for code in ("import time; time.sleep(0.5)", "sum(range(10**7)); b'x' * (300 * 2**20)"):
    cost = benchmark.run([sys.executable, "-c", code], Path(sys.argv[1]))
    print(cost.wall, cost.cpu, cost.peak)
"""


def test_the_cost_is_the_childs_alone(tmp_path: Path) -> None:
    # measured from a process like the benchmark's own: from this one, its size would be counted as theirs
    command = [sys.executable, "-c", MEASURE_TWO, str(tmp_path / "out")]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, check=True
    )
    idle, busy = ([float(figure) for figure in line.split()] for line in done.stdout.splitlines())
    assert idle[0] >= 0.5
    assert idle[1] < 0.4
    assert busy[1] > idle[1]
    assert idle[2] < 64 * 2**20
    assert 300 * 2**20 < busy[2] < 364 * 2**20


def test_ratios_are_taken_within_a_round() -> None:
    ours = [Cost(2, 2, 10), Cost(20, 20, 10), Cost(3, 3, 10)]
    theirs = [Cost(1, 1, 20), Cost(10, 10, 20), Cost(1, 1, 20)]
    assert ratio(ours, theirs, "cpu") == spread([2, 2, 3])
    assert ratio(ours, theirs, "peak") == spread([0.5])
    assert spread([3, 1, 2]).middle == 2


def test_targets_are_judged_by_the_middle_round() -> None:
    rows = 10_000_000
    fast, slow = [Cost(1, 1, 2**29)] * 3, [Cost(3, 1.9, 2**32)] * 3
    costs = {(rows, "report"): fast, (rows, "bare"): slow, (rows, "duckdb"): slow, (rows, "pandas"): slow}
    results = Results(costs, [], 0, [])
    said = [target.row(results).split(" | ")[-1].strip(" |") for target in TARGETS]
    assert said[:5] == ["met", "met", "**not met**", "met", "met"]
    assert set(said[5:]) == {"not measured"}


def test_one_command_measures_and_prints_the_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(benchmarks.run, "STARTS", 1)
    before = document.DOCUMENT.read_bytes()
    benchmarks.run.main(["--rows", "1000", "--repeats", "1", "--only", "bare", "--data", str(tmp_path)])
    said = capsys.readouterr().out
    assert "### 1,000 orders" in said
    assert "| bare parse" in said
    assert "| DuckDB" not in said
    assert document.DOCUMENT.read_bytes() == before
    assert len(list(tmp_path.glob("orders-*.csv"))) == 2


def block(path: Path, pattern: str) -> str:
    """The text between the two marks, which stand there once."""
    found = re.findall(rf"<!-- {pattern} -->\n(.*?)<!-- end -->", path.read_text("utf-8"), re.DOTALL)
    assert len(found) == 1, path
    return str(found[0])


def test_the_document_is_what_was_measured() -> None:
    measured = block(document.DOCUMENT, "measured: python -m benchmarks.run")
    for heading in ("### Targets", "### Start-up", "### The machine"):
        assert heading in measured
    for target in TARGETS:
        assert f"| {target.measure} |" in measured


def test_the_readme_quotes_only_what_was_measured() -> None:
    measured = NUMBER.findall(block(document.DOCUMENT, "measured: .*?"))
    quoted = NUMBER.findall(re.sub(r"\]\(.*?\)", "]", block(ROOT / "README.md", "performance")))
    assert set(quoted) <= set(measured)


@pytest.mark.skipif(not find_spec("pandas"), reason="pandas is not installed: pip install '.[bench]'")
def test_the_machine_is_described() -> None:
    said = document.machine(0.5)
    assert "cores" in said
    assert "not installed" not in said
