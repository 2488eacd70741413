"""A part of the reliability harness (../shared/tools/badinputs): right figures or a clear refusal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[3] / "shared" / "tools" / "badinputs"
PART = "gzip|quote|delim|eol|^enc-|foot|two-|header-|date-one|date-excel|amount-[a-f]|row-|roster|cash|stdin|out-|sec-"

needs_tool = pytest.mark.skipif(not TOOL.is_dir(), reason="../shared/tools/badinputs is not there")


@needs_tool
def test_the_promise_is_kept(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    subprocess.run(
        [
            *(sys.executable, TOOL / "harness.py", "run", tmp_path / "cases"),
            *("--adapter", TOOL / "adapter.py", "--only", PART, "--json", results),
        ],
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        check=False,
    )
    cases = json.loads(results.read_text("utf-8"))
    assert len(cases) > 100
    assert [case["id"] for case in cases if case["grade"] == "FAIL"] == []
    best = sum(case["grade"] == "BEST" for case in cases)
    assert best >= 0.85 * len(cases)
