"""Writes a file whole or not at all: whoever reads it at any moment sees the old text or the new."""

from __future__ import annotations

import os
import signal
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

from merchant_check.errors import UserError, Where


def write_whole(path: Path, text: str, inputs: Sequence[str]) -> None:
    """Write `text` to `path` through a temporary file beside it; on any failure the old file stays.

    A symlink is replaced, its target untouched; a device, a pipe or a link like /dev/stdout is written to as it is.
    Raises UserError when the path is one of the `inputs` or can't be written.
    """
    if any(_same(path, Path(name)) for name in inputs if name != "-"):
        raise UserError(
            "output-is-input", "the output is one of the inputs", remedy="write elsewhere", where=Where(str(path))
        )
    try:
        if _is_stream(path):
            path.write_text(text, "utf-8")
        else:
            _replace(path, text)
    except OSError as error:
        raise UserError(
            "cannot-write",
            f"cannot write it: {error.strerror}",
            remedy="check the folder, its permissions and the free space",
            where=Where(str(path)),
        ) from None


def _is_stream(path: Path) -> bool:
    """The path leads to a device, a pipe or an open stream of this process, which nothing may be put in place of."""
    if path.is_symlink() and str(path.readlink()).startswith(("/dev/", "/proc/")):
        return True
    return path.exists() and not stat.S_ISREG(path.stat().st_mode)


def _same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


def _replace(path: Path, text: str) -> None:
    waiting = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})  # neither half nor litter
    try:
        _write_beside(path, text)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, waiting)


def _write_beside(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
