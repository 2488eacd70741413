"""Past runs: keep one, compare a report with the last, and show them all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from merchant_check import history as store
from merchant_check import screen
from merchant_check.errors import UserError, refusal
from merchant_check.render import history as render
from merchant_check.report import Report

COULD_NOT_JUDGE = 3


def history(file: str, form: str) -> int:
    """Print the runs that a history holds."""
    runs = store.all_runs(Path(file))
    shown = render.as_json(runs) if form == "json" else render.text(runs, screen.width(), unicode=screen.unicode())
    screen.show(shown)
    return 0


def refuse_unusable(file: Path, output: str | None) -> None:
    """Raises UserError where no run can be kept in the file, before the work is done."""
    if output and Path(output).resolve() == file.resolve():
        raise refusal(str(file), "wrong-usage", "the output is the history", "write one of them elsewhere")
    store.check_ready(file)


def since_last_run(found: Report, file: Path) -> Report:
    """The report with what has changed since the last run before it."""
    return replace(found, since=store.since(found, store.last_before(file, store.run_of(found))))


def keep(found: Report, file: Path, code: int) -> int:
    """Keep the run of a report that has been delivered; a failure is told, and counts where the report has none."""
    try:
        store.save(file, store.run_of(found))
    except UserError as error:
        screen.complain(f"merchant-check: {error}")
        return code or COULD_NOT_JUDGE
    return code
