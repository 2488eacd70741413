"""Who gets what: the report on stdout, all else on stderr, and silence where silence was asked for."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from .running import COMMAND, SAMPLES, TIMEOUT, Call, bash, environment, run

STEADY = SAMPLES / "steady" / "config.yaml"


@pytest.mark.parametrize("form", ["terminal", "json"])
def test_quiet_is_silent_when_all_is_ok(call: Call, form: str) -> None:
    ran = call("report", "-c", STEADY, "--quiet", "--format", form)

    assert (ran.code, ran.stdout, ran.stderr) == (0, b"", b"")


def test_quiet_is_silent_below_fail_on(call: Call, warned: Path) -> None:
    ran = call("report", "-c", warned, "--quiet", "--fail-on", "critical")

    assert (ran.code, ran.stdout, ran.stderr) == (0, b"", b"")


def test_quiet_prints_the_report_once_fail_on_is_reached(call: Call, warned: Path) -> None:
    loud, quiet = call("report", "-c", warned), call("report", "-c", warned, "--quiet")

    assert quiet.code == 1
    assert quiet.stdout == loud.stdout != b""


def test_quiet_still_writes_the_output(call: Call, tmp_path: Path) -> None:
    card = tmp_path / "card.json"

    ran = call("report", "-c", STEADY, "--quiet", "--output", card)

    assert (ran.code, ran.stdout, ran.stderr) == (0, b"", b"")
    assert '"grade": "A"' in card.read_text("utf-8")


@pytest.mark.parametrize("arguments", [("report", "nowhere.csv"), ("report", "{thin}")], ids=["refused", "not judged"])
def test_quiet_still_says_on_stderr_why_it_could_not_judge(
    call: Call, thin_orders: Path, arguments: tuple[str, ...]
) -> None:
    ran = call(*(part.format(thin=thin_orders) for part in arguments), "--quiet")

    assert ran.code == 3
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("form", ["terminal", "json"])
@pytest.mark.parametrize("story", ["steady", "ad-burn"])
def test_the_report_goes_to_stdout_alone(call: Call, story: str, form: str) -> None:
    ran = call("demo", story, "--format", form)

    assert ran.out.endswith("\n")
    assert ran.stderr == b""


def test_a_refusal_goes_to_stderr_alone(call: Call) -> None:
    ran = call("report", "nowhere.csv")

    assert ran.stdout == b""
    assert ran.err.startswith("merchant-check: nowhere.csv: cannot open it")


def test_output_leaves_stdout_empty(call: Call, tmp_path: Path) -> None:
    assert call("demo", "--output", tmp_path / "card.txt").stdout == b""


@pytest.mark.parametrize("arguments", [("demo",), ("demo", "--format", "json"), ("explain",)], ids=" ".join)
def test_a_reader_that_left_ends_the_run_with_141_and_no_word(arguments: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)  # gone before the first byte: a sure broken pipe
    try:
        ran = run(*arguments, stdout=writer)
    finally:
        os.close(writer)

    assert (ran.code, ran.err) == (141, "")


def test_head_gets_its_lines(tmp_path: Path) -> None:
    ran = bash("merchant-check demo --format json | head -n 2; echo ${PIPESTATUS[0]}", tmp_path)

    assert ran.out.split("\n")[:2] == ["{", ' "schema_version": 1,']
    assert ran.out.split()[-1] in ("0", "141")
    assert ran.err == ""


def test_a_script_under_set_e_gets_the_status(tmp_path: Path) -> None:
    script = "set -euo pipefail\nmerchant-check demo ad-burn --format json --fail-on never | $READ\n"
    reader = tmp_path / "reader.py"
    reader.write_text("import json, sys\nprint(json.load(sys.stdin)['status'])\n")
    has_jq = bash("command -v jq", tmp_path).code == 0

    ran = bash(script, tmp_path, READ="jq -r .status" if has_jq else f"{COMMAND[0]} {reader}")

    assert (ran.code, ran.out, ran.err) == (0, "critical\n", "")


def test_a_script_branches_on_the_code(tmp_path: Path) -> None:
    script = 'set -eu\nmerchant-check demo over-hired --quiet >/dev/null || echo "code $?"\n'

    assert bash(script, tmp_path).out == "code 2\n"


def test_sigterm_ends_it_without_traceback_or_litter(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [*COMMAND, "report", "pipe.csv", "--output", "card.txt"],
        cwd=tmp_path,
        env=environment(),
        stderr=subprocess.PIPE,
    )
    with pipe.open("wb"):  # opens once the command has opened its end
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=TIMEOUT)

    assert process.returncode in (-signal.SIGTERM, 128 + signal.SIGTERM)
    assert err == b""
    assert os.listdir(tmp_path) == ["pipe.csv"]
