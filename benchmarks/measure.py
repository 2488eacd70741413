"""Run a command as a process of its own and say what it cost: wall clock, CPU and the most memory it held.

This module and those that import it stay small in memory: a child starts as a copy of its parent, and the system counts
the parent's size as the least that the child ever held.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes


@dataclass(frozen=True)
class Cost:
    """What one run cost: seconds on the wall clock, CPU seconds of all threads, bytes at the peak."""

    wall: float
    cpu: float
    peak: int


@dataclass(frozen=True)
class Spread:
    """The middle of several values, and the smallest and the largest."""

    middle: float
    low: float
    high: float


class Failed(Exception):
    """A command ended as it must not."""


def spread(values: Iterable[float]) -> Spread:
    found = sorted(values)
    return Spread(median(found), found[0], found[-1])


def ratio(ours: Sequence[Cost], theirs: Sequence[Cost], what: str) -> Spread:
    """How many times as much ours cost as theirs, round by round: what slows both in one round cancels out. A large
    file has fewer rounds than others, the first ones."""
    return spread(getattr(our, what) / getattr(their, what) for our, their in zip(ours, theirs, strict=False))


def run(command: Sequence[str], output: Path, lawful: Sequence[int] = (0,)) -> Cost:
    """The cost of one run, from start to exit; what it prints goes to `output`. Raises Failed on other exit codes."""
    errors = output.with_suffix(".err")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with output.open("wb") as stdout, errors.open("wb") as stderr:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, cwd=ROOT, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in lawful:
        said = errors.read_text("utf-8", errors="replace")[-2000:]
        raise Failed(f"{' '.join(command)} ended with {process.returncode} ({_meaning(process.returncode)})\n{said}")
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * RSS_UNIT)


def _meaning(code: int) -> str:
    return "killed, perhaps for want of memory" if code == -9 else "a signal" if code < 0 else "an exit code"
