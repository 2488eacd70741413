"""The main job: name the files, review them, write or print the report, and say how it went."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from glob import glob
from pathlib import Path
from zoneinfo import ZoneInfo

from merchant_check import screen
from merchant_check.checks import CHECKS, find
from merchant_check.checks.check import Settings
from merchant_check.config import Config, check_settings, shop
from merchant_check.config.file import load_config
from merchant_check.errors import UserError, Where, clean
from merchant_check.output import write_whole
from merchant_check.read.account import ReadSettings
from merchant_check.report import Report
from merchant_check.review import File, Request, review

COULD_NOT_JUDGE = 3
FAILS_FROM = {"warning": 1, "critical": 2, "never": 3}  # the severity from which the exit code says so


@dataclass(frozen=True)
class Question:
    """What to judge: files with their forced roles, a config, the last day, and which checks."""

    files: Sequence[tuple[str, str | None]]
    config: str | None
    as_of: str | None
    only: Sequence[str]
    skip: Sequence[str]


@dataclass(frozen=True)
class Look:
    """What the card may use: so many columns, colours, more than ASCII, box drawing."""

    width: int
    color: bool
    unicode: bool
    frame: bool


NOTHING_MORE = Question([], None, None, [], [])


@dataclass(frozen=True)
class Delivery:
    """How the report is to be handed over; `fail_on` None leaves it to the config."""

    format: str
    output: str | None
    fail_on: str | None
    quiet: bool
    no_color: bool


def report(question: Question, delivery: Delivery) -> int:
    """Review the files that the command line names, else those of the config; returns the exit code."""
    screen.stop_at_interrupt()
    config = load_config(Path(question.config)) if question.config else Config()
    files = [File(name, name, role) for name, role in question.files]
    if not files and question.config:
        files = _configured_files(config, Path(question.config))
    if not files:
        raise UserError(
            "no-files", "no files given", remedy="try: merchant-check report orders.csv staffing.csv cash.csv"
        )
    inputs = [file.path for file in files] + ([question.config] if question.config else [])
    return _deliver(_review(config, files, question), inputs, config, delivery)


def demo(story: str, delivery: Delivery) -> int:
    """Review a packaged story; returns the exit code."""
    config, files = _story(story)
    return _deliver(_review(config, files, NOTHING_MORE), [file.path for file in files], config, delivery)


def demo_report(story: str) -> Report:
    """The report of a packaged story, as the demo shows it."""
    return _review(*_story(story), NOTHING_MORE)


def _story(story: str) -> tuple[Config, list[File]]:
    file = sample_data() / story / "config.yaml"
    config = load_config(file)
    named = _configured_files(config, file)
    return config, [File(each.path, f"{story}/{Path(each.path).name}", each.role) for each in named]


def sample_data() -> Path:
    """The packaged stories: in the wheel inside the package, in a checkout beside it."""
    package = Path(__file__).parents[1]
    return next(folder for folder in (package / "sample_data", package.parent / "sample_data") if folder.is_dir())


def _review(config: Config, files: Sequence[File], question: Question) -> Report:
    as_of, today = _day(question.as_of), _today(config.merchant.timezone)
    if as_of and as_of > today:
        raise UserError("bad-date", f"--as-of {as_of} is in the future", remedy=f"name a day up to today, {today}")
    return review(
        Request(
            files,
            ReadSettings(
                today=today,
                as_of=as_of,
                timezone=config.merchant.timezone,
                currency=config.merchant.currency,
                max_rejected=config.report.max_rejected,
            ),
            shop=shop(config),
            columns=vars(config.columns),
            settings={**check_settings(config), **_switched_off(question)},
        )
    )


def _switched_off(question: Question) -> dict[str, Settings]:
    """The checks that --only and --skip leave out; they stay in the report, as skipped."""
    only, skip = {find(name).id for name in question.only}, {find(name).id for name in question.skip}
    off = {check.id: "left out by --only" for check in CHECKS if only and check.id not in only}
    return {
        name: Settings(enabled=False, reason=reason)
        for name, reason in {**off, **dict.fromkeys(skip, "left out by --skip")}.items()
    }


def _deliver(found: Report, inputs: Sequence[str], config: Config, delivery: Delivery) -> int:
    code = exit_code(found, delivery.fail_on or config.report.fail_on)
    if delivery.output:
        plain = Look(width=screen.PIPED_WIDTH, color=False, unicode=True, frame=False)
        write_whole(Path(delivery.output), _rendered(found, delivery.format, code, plain), inputs)
    elif not delivery.quiet or code not in (0, COULD_NOT_JUDGE):
        color = screen.color(switched_off=delivery.no_color)
        look = Look(width=screen.width(), color=color, unicode=screen.unicode(), frame=screen.on_terminal())
        screen.show(_rendered(found, delivery.format, code, look))
    if code == COULD_NOT_JUDGE:
        screen.complain("merchant-check: no check could be judged; the report says what is missing")
    return code


def _rendered(found: Report, form: str, code: int, look: Look) -> str:
    if form == "json":
        from merchant_check.render import json_v1

        return json_v1.render(found, exit_code=code)
    from merchant_check.render import terminal  # rich takes its time to load, and JSON does without

    return terminal.render(found, width=look.width, color=look.color, unicode=look.unicode, frame=look.frame)


def exit_code(found: Report, fail_on: str) -> int:
    """The contract: 2 critical, 1 warning, 3 nothing could be judged, else 0; `fail_on` never hides 3."""
    if not found.status.judged:
        return COULD_NOT_JUDGE
    severity = found.status.severity
    return severity if severity >= FAILS_FROM[fail_on] else 0


def _configured_files(config: Config, file: Path) -> list[File]:
    """The files that `inputs:` names, patterns unfolded, relative to the config file."""
    named = {"orders": config.inputs.orders, "staffing": config.inputs.staffing, "cash": config.inputs.cash}
    return [
        File(path, path, role)
        for role, patterns in named.items()
        for pattern in patterns
        for path in _unfolded(file, pattern)
    ]


def _unfolded(file: Path, pattern: str) -> list[str]:
    if not any(sign in pattern for sign in "*?["):
        return [str(file.parent / pattern)]
    found = sorted(str(file.parent / path) for path in glob(pattern, root_dir=file.parent))
    if not found:
        raise UserError(
            "no-files",
            f"no file matches {clean(pattern)!r}",
            remedy="check inputs: in the config; its paths are relative to the config file",
            where=Where(str(file)),
        )
    return found


def _today(timezone: str | None) -> date:
    """SOURCE_DATE_EPOCH (seconds since 1970) where it is set, so that a run can be repeated; else the clock.

    In the shop's time zone, else in UTC: the machine's own must not change a report.
    """
    zone = ZoneInfo(timezone) if timezone else UTC
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return datetime.now(zone).date()
    try:
        return datetime.fromtimestamp(int(epoch), zone).date()
    except (ValueError, OverflowError, OSError):
        raise UserError(
            "bad-epoch",
            f"SOURCE_DATE_EPOCH is {clean(epoch)!r}, not a number of seconds since 1970",
            remedy="unset it, or set it to a whole number",
        ) from None


def _day(written: str | None) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise UserError(
            "bad-date", f"--as-of {clean(written or '')!r} is no day", remedy="write it as YYYY-MM-DD, e.g. 2026-10-31"
        ) from None
