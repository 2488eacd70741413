"""Runs the command as its users do, in a process of its own, and makes the small files to run it on."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from fcntl import ioctl
from itertools import cycle
from pathlib import Path
from termios import TIOCSWINSZ
from typing import Any

SAMPLES = Path(__file__).parents[2] / "sample_data"
COMMAND = (sys.executable, "-m", "merchant_check")
TODAY = "2026-11-02"
PLAIN_ENV = {"LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": "1793577600"}  # TODAY
SWITCHES = ("NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS", "LINES", "TZ", "LANG", "LC_CTYPE", "MERCHANT_CHECK_DEBUG")
TIMEOUT = 60
ESCAPE = "\x1b"
HEADER = "order_id,customer_id,ordered_at,amount"

Json = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """What came of a run."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def out(self) -> str:
        return self.stdout.decode("utf-8")

    @property
    def err(self) -> str:
        return self.stderr.decode("utf-8")

    @property
    def json(self) -> Json:
        return strict_json(self.out)

    @property
    def words(self) -> str:
        """The report without its line breaks, to look for a sentence that may have wrapped."""
        return " ".join(self.out.split())


Call = Callable[..., Ran]
"""Runs the command in this process: call(*arguments, **environment)."""


def environment(**changes: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **PLAIN_ENV, **changes}


def run(
    *arguments: str | Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
    command: Sequence[str] = COMMAND,
) -> Ran:
    """One run in a process of its own; `env` replaces the usual environment."""
    done = subprocess.run(
        [*command, *map(str, arguments)],
        env=environment() if env is None else env,
        cwd=cwd,
        input=stdin,
        stdout=stdout,
        stderr=stderr,
        timeout=TIMEOUT,
        check=False,
    )
    return Ran(done.returncode, done.stdout or b"", done.stderr or b"")


def bash(script: str, cwd: Path, **env: str) -> Ran:
    """A bash script in which `merchant-check` is the command."""
    function = f'merchant-check() {{ "{sys.executable}" -m merchant_check "$@"; }}\n'
    return run("-c", function + script, command=("bash",), cwd=cwd, env=environment(**env))


def on_terminal(*arguments: str | Path, env: Mapping[str, str] | None = None, columns: int = 100) -> Ran:
    """One run whose three streams are a terminal of that width."""
    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(**{"TERM": "xterm-256color", **(env or {})}),
        start_new_session=True,
    )
    os.close(theirs)
    shown = b"".join(_everything(ours))
    os.close(ours)
    return Ran(process.wait(TIMEOUT), shown.replace(b"\r\n", b"\n"), b"")


def _everything(descriptor: int) -> Iterator[bytes]:
    while select.select([descriptor], [], [], TIMEOUT)[0]:
        try:
            block = os.read(descriptor, 1 << 16)
        except OSError:  # the other side has gone
            return
        if not block:
            return
        yield block


@contextmanager
def ctrl_c_works() -> Iterator[None]:
    """What starts meanwhile can be interrupted, also where this test run was started with Ctrl-C ignored."""
    usual = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def crashing(error: str, at: str = "merchant_check.commands.report.review") -> tuple[str, ...]:
    """The command, with a function that raises `error` (an expression) in the place of `at`."""
    module, _, name = at.rpartition(".")
    source = (
        f"import {module} as home\n"
        f"def broken(*_, **__):\n"
        f"    raise {error}\n"
        f"home.{name} = broken\n"
        f"from merchant_check.cli import main\n"
        f"main()\n"
    )
    return (sys.executable, "-c", source)


def strict_json(text: str) -> Json:
    """JSON without NaN and Infinity."""

    def refused(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    document: Json = json.loads(text, parse_constant=refused)
    return document


def findings(document: Json) -> dict[str, Json]:
    """The findings of a JSON report by check."""
    return {found["id"]: found for subject in document["subjects"] for found in subject["findings"]}


def leaves(value: object) -> Iterator[object]:
    """Every text and number of a JSON document."""
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def is_one_line(message: str) -> bool:
    return re.fullmatch(r"merchant-check: [^\n]+; [^\n]+\n", message) is not None


# --- small shops -----------------------------------------------------------------------------------------------


def days(first: date, last: date, count: int) -> list[date]:
    """So many days, evenly spread."""
    return [first + timedelta(days=round(number * (last - first).days / max(count - 1, 1))) for number in range(count)]


def write_orders(path: Path, when: Iterable[date], customers: Iterable[str], amount: str = "40.00") -> Path:
    """Plain orders, one a day in `when`; the customers take turns."""
    rows = [
        f"{number},{customer},{day},{amount}"
        for number, (day, customer) in enumerate(zip(when, cycle(customers), strict=False), 1)
    ]
    path.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    return path


def usual_orders(path: Path, count: int = 300) -> Path:
    """Two calm years: every fifth order is a new customer's, who comes back four times over the years."""
    when = days(date(2024, 10, 1), date(2026, 10, 31), count)
    later = (0, 6, 18, 30, 42)
    return write_orders(path, when, [f"c{number // 5 - later[number % 5]}" for number in range(count)])


def edited(source: Path, target: Path, line: int, change: Callable[[str], str]) -> Path:
    """A copy with one line changed; lines count from 1, the header's."""
    lines = source.read_text("utf-8").split("\n")
    lines[line - 1] = change(lines[line - 1])
    target.write_text("\n".join(lines), "utf-8")
    return target
