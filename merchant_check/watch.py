"""Who is told how a long run goes on: which step it is in, and how many rows of it are done."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext


class Watch:
    """Listens; this one does nothing with it."""

    def step(self, name: str, rows: int = 0) -> AbstractContextManager[None]:
        """A step of the run, to be entered and left; `rows` are to be told with `advance`."""
        return nullcontext()

    def advance(self, rows: int) -> None:
        """So many more rows of the step are done."""
