"""A private folder for one run's temporary files: made at the first need, removed however the run ends."""

from __future__ import annotations

import errno
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import polars as pl

from merchant_check.errors import UserError

WARDEN = "import shutil, sys; sys.stdin.read(); shutil.rmtree(sys.argv[1], ignore_errors=True)"
"""Waits for the end of its input, which comes when the run ends, even by a kill or for want of memory."""
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Scratch:
    """Where a run puts what is too large for memory; a context, at whose end everything in it is gone."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._warden: subprocess.Popen[bytes] | None = None
        self._names = 0
        self.streams: dict[str, bytes | Path] = {}  # what could be read only once, such as standard input

    def __enter__(self) -> Scratch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._warden:
            self._warden.communicate()
        self._folder = self._warden = None

    def path(self) -> Path:
        """A new path in the folder, for a file or a folder."""
        self._names += 1
        return self.folder / f"{self._names}"

    @property
    def folder(self) -> Path:
        if self._folder is None:
            self._folder = _new_folder()
            # Ctrl-C ends a run at once, also inside polars: only another process can tidy up behind it
            command = [sys.executable, "-I", "-S", "-c", WARDEN, str(self._folder)]
            self._warden = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        return self._folder


def _new_folder() -> Path:
    try:
        with room_on_disk():
            return Path(tempfile.mkdtemp(prefix="merchant-check-"))
    except OSError as error:
        raise UserError(
            "no-temporary-files",
            f"cannot make temporary files ({error.strerror})",
            remedy="set TMPDIR to a folder that you may write to",
        ) from None


@contextmanager
def room_on_disk() -> Iterator[None]:
    """Writing temporary files: a full disk becomes a UserError with what to do."""
    try:
        yield
    except (OSError, pl.exceptions.PolarsError) as error:
        if getattr(error, "errno", None) not in NO_SPACE and "No space left" not in str(error):
            raise
        raise UserError(
            "disk-full",
            f"no space is left for temporary files in {tempfile.gettempdir()}",
            remedy="free some space there, or set TMPDIR to a folder on a larger disk",
        ) from None
