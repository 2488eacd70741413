"""The documents are what the tool prints, and the README's examples run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLES = re.findall(r"```sh example\n(.*?)```", README, re.DOTALL)


def test_generated_documents_are_current() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_readme_has_its_two_commands() -> None:
    commands = re.findall(r"<!-- command: (\w+) -->\n```sh\n(.+)\n```", README)
    assert [name for name, _ in commands] == ["run", "test"]


def test_the_readme_has_examples() -> None:
    assert len(EXAMPLES) >= 3


@pytest.mark.skipif(shutil.which("jq") is None, reason="the examples use jq")
@pytest.mark.parametrize("example", EXAMPLES)
def test_readme_examples_run(example: str, tmp_path: Path) -> None:
    for path in (ROOT / "sample_data" / "steady").iterdir():
        shutil.copy(path, tmp_path)
    (tmp_path / "merchant-check").write_text(f'#!/bin/sh\nexec {sys.executable} -m merchant_check "$@"\n')
    (tmp_path / "merchant-check").chmod(0o755)
    done = subprocess.run(
        ["bash", "-c", example],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
