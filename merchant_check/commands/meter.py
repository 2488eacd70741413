"""Shows a long run's progress on a terminal, and tells afterwards where the time went."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from merchant_check import screen
from merchant_check.watch import Watch

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 1.0  # seconds after which somebody who waits wants to see something move


class Meter(Watch):
    """A bar on stderr, if that is a terminal and the run takes longer than a second; and the seconds of each step,
    without those of the steps within it."""

    def __init__(self, files: Sequence[str]) -> None:
        self.seconds: dict[str, float] = {}
        self._bytes = sum(Path(file).stat().st_size for file in files if Path(file).is_file())
        self._began = time.perf_counter()
        self._bar: Progress | None = None
        self._step, self._rows, self._done = "", 0, 0

    @contextmanager
    def step(self, name: str, rows: int = 0) -> Iterator[None]:
        began, outer, told = time.perf_counter(), (self._step, self._rows, self._done), sum(self.seconds.values())
        self._step, self._rows, self._done = name, rows, 0
        self._show()
        try:
            yield
        finally:
            within = sum(self.seconds.values()) - told
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began - within
            self._step, self._rows, self._done = outer

    def advance(self, rows: int) -> None:
        self._done += rows
        self._show()

    def stop(self) -> None:
        """The run is over: nothing of the bar is left."""
        if self._bar:
            self._bar.stop()
            self._bar = None

    def told(self) -> str:
        """Where the time went, in one line."""
        steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.seconds.items())
        return f"merchant-check: {steps}; {time.perf_counter() - self._began:.1f} s in all"

    def _show(self) -> None:
        if not self._bar and screen.waiting() and time.perf_counter() - self._began > PATIENCE:
            self._bar = _bar()
        if self._bar:
            share = self._done / self._rows if self._rows else 0.0
            figures = f"{self._done:,} of {self._rows:,} rows, {_size(share * self._bytes)}" if self._rows else ""
            self._bar.update(
                self._bar.task_ids[0],
                description=self._step,
                completed=self._done,
                total=self._rows or None,
                figures=figures,
            )


def _bar() -> Progress:
    from rich.console import Console  # noqa: PLC0415 - start-up: most runs are over before
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[figures]}"),
        console=console,
        transient=True,
    )
    bar.add_task("", total=None, figures="")
    bar.start()
    console.show_cursor()  # Ctrl-C ends the run at once, and nobody would bring it back
    return bar


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
