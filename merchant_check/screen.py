"""The two streams and what the terminal behind them can do."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys

from merchant_check.errors import UserError

PIPED_WIDTH = 80


def show(text: str) -> None:
    """Text on stdout as UTF-8, whatever the locale: a report is the same bytes everywhere.

    Raises BrokenPipeError when the reader has gone, and UserError when it can't be written.
    """
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "standard output is closed")
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        forget_stdout()
        raise UserError(
            "cannot-write",
            f"cannot write the output: {error.strerror}",
            remedy="free some space, or write elsewhere with --output",
        ) from None


def complain(line: str) -> None:
    """One line on stderr, in the characters that it can take."""
    if sys.stderr is None:  # closed by whoever started us: there is nobody to tell
        return
    encoding = sys.stderr.encoding or "ascii"
    sys.stderr.write(f"{line}\n".encode(encoding, "backslashreplace").decode(encoding))


def stop_at_interrupt() -> None:
    """Let Ctrl-C end the process at once: polars, once imported, catches it and goes on reading."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def forget_stdout() -> None:
    """Whoever read stdout has gone: let Python's last flush go nowhere instead of failing."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def width() -> int:
    """Columns of the terminal, or of COLUMNS; when piped, 80."""
    if _on_terminal() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size((PIPED_WIDTH, 24)).columns
    return PIPED_WIDTH


def color(*, switched_off: bool) -> bool:
    """--no-color, NO_COLOR and TERM=dumb win over FORCE_COLOR, and that over what stdout is."""
    if switched_off or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or _on_terminal()


def _on_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def unicode() -> bool:
    """Whether the locale speaks UTF-8; cron's empty one and LC_ALL=C do not."""
    spoken = next((os.environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(name)), "C")
    return "utf8" in spoken.lower().replace("-", "")
