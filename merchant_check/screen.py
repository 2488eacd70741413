"""The two streams and what the terminal behind them can do."""

from __future__ import annotations

import os
import shutil
import sys

PIPED_WIDTH = 80


def show(text: str) -> None:
    """Text on stdout as UTF-8, whatever the locale: a report is the same bytes everywhere."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def complain(line: str) -> None:
    """One line on stderr, in the characters that it can take."""
    encoding = sys.stderr.encoding or "ascii"
    sys.stderr.write(f"{line}\n".encode(encoding, "backslashreplace").decode(encoding))


def forget_stdout() -> None:
    """Whoever read stdout has gone: let Python's last flush go nowhere instead of failing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def width() -> int:
    """Columns of the terminal, or of COLUMNS; when piped, 80."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size((PIPED_WIDTH, 24)).columns
    return PIPED_WIDTH


def color(*, switched_off: bool) -> bool:
    """--no-color, NO_COLOR and TERM=dumb win over FORCE_COLOR, and that over what stdout is."""
    if switched_off or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


def unicode() -> bool:
    """Whether the locale speaks UTF-8; cron's empty one and LC_ALL=C do not."""
    spoken = next((os.environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(name)), "C")
    return "utf8" in spoken.lower().replace("-", "")
