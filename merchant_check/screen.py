"""The two streams and what the terminal behind them can do."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
from collections.abc import Sequence

from merchant_check.errors import UserError

PIPED_WIDTH = 80
COERCED_LOCALES = ("C.UTF-8", "C.utf8", "UTF-8")  # what Python puts into LC_CTYPE by itself where there is no locale


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
        raise unwritable(error) from None


def unwritable(error: OSError) -> UserError:
    """Standard output can't take the text."""
    message = f"cannot write the output: {error.strerror}"
    return UserError("cannot-write", message, remedy="free some space, or write elsewhere with --output")


def flush() -> None:
    """Write out what others have printed, so that a full disk is told here and not at exit."""
    if sys.stdout is not None:
        sys.stdout.flush()


def complain(line: str) -> None:
    """One line on stderr, in the characters that the locale can take; without a stderr there is nobody to tell."""
    text = line if unicode() else line.encode("ascii", "backslashreplace").decode()
    try:
        if sys.stderr is not None:
            sys.stderr.buffer.write(f"{text}\n".encode("utf-8", "backslashreplace"))
            sys.stderr.buffer.flush()
    except OSError:
        forget_streams()


def forget_streams() -> None:
    """What can't be written any more goes nowhere, instead of failing once more when Python flushes at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())


def stop_at_interrupt() -> None:
    """Let Ctrl-C end the process at once: polars, once imported, catches it and goes on reading."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def width() -> int:
    """Columns of the terminal, or of COLUMNS; when piped, 80."""
    if on_terminal() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size((PIPED_WIDTH, 24)).columns
    return PIPED_WIDTH


def color(*, switched_off: bool) -> bool:
    """--no-color, NO_COLOR and TERM=dumb win over FORCE_COLOR, and that over what stdout is."""
    if switched_off or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or on_terminal()


def on_terminal() -> bool:
    """Somebody looks at stdout."""
    return sys.stdout is not None and sys.stdout.isatty()


def waiting() -> bool:
    """Somebody looks at stderr while the run lasts."""
    return sys.stderr is not None and sys.stderr.isatty()


def unicode() -> bool:
    """Whether the locale speaks UTF-8; cron's empty one and LC_ALL=C do not."""
    environment = os.environ
    character_type = environment.get("LC_CTYPE", "")
    chosen = "" if character_type in COERCED_LOCALES else character_type
    spoken = environment.get("LC_ALL") or chosen or environment.get("LANG") or "C"
    return "utf8" in spoken.lower().replace("-", "")


def ask(question: str, choices: Sequence[str]) -> str | None:
    """Ask which of the choices it is, until one is named; None where nobody is there to answer."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        return None
    complain(question)
    for number, choice in enumerate(choices, 1):
        complain(f"  {number}  {choice}")
    while True:
        sys.stderr.write(f"Which is it, 1 to {len(choices)}? ")
        sys.stderr.flush()
        answer = str(sys.stdin.readline())
        if not answer:
            return None
        if answer.strip() in choices:
            return answer.strip()
        if answer.strip().isdecimal() and 1 <= int(answer) <= len(choices):
            return choices[int(answer) - 1]
