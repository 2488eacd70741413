"""The main job: name the files, review them, write or print the report, and say how it went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from merchant_check import screen
from merchant_check.checks import CHECKS, find
from merchant_check.checks.check import Settings
from merchant_check.commands.history import keep, refuse_unusable, since_last_run
from merchant_check.commands.meter import Meter
from merchant_check.commands.question import Asked, Question, asked
from merchant_check.config import Config, check_settings, shop
from merchant_check.errors import UserError
from merchant_check.output import write_whole
from merchant_check.read.files import File
from merchant_check.report import Report, Waiver
from merchant_check.review import Request, review
from merchant_check.watch import Watch

RENDERERS = {
    "terminal": "terminal",
    "json": "json_v1",
    "markdown": "markdown",
    "html": "html",
    "nagios": "nagios",
    "prometheus": "prometheus",
}
"""Each format and the module of render/ that writes it."""
COULD_NOT_JUDGE = 3
FAILS_FROM = {"warning": 1, "critical": 2, "never": 3}  # the severity from which the exit code says so


@dataclass(frozen=True)
class Choice:
    """Which checks to run; none named: all of them."""

    only: Sequence[str] = ()
    skip: Sequence[str] = ()


@dataclass(frozen=True)
class Look:
    """What the card may use: so many columns, colours, more than ASCII, box drawing."""

    width: int
    color: bool
    unicode: bool
    frame: bool


@dataclass(frozen=True)
class Delivery:
    """How the report is to be handed over; `fail_on` None leaves it to the config."""

    format: str
    output: str | None
    fail_on: str | None
    quiet: bool
    no_color: bool
    history: str | None = None
    changes_only: bool = False


def report(question: Question, choice: Choice, delivery: Delivery, *, verbose: bool = False) -> int:
    """Review the files that the command line names, else those of the config; returns the exit code."""
    screen.stop_at_interrupt()
    what = asked(question)
    meter = Meter([file.path for file in what.files])
    inputs = [file.path for file in what.files] + ([question.config] if question.config else [])
    past = _past(question, what.config, delivery)
    try:
        found = _review(what, choice, meter)
    finally:
        meter.stop()
    if verbose:
        screen.complain(meter.told())
    if not past:
        return _deliver(found, inputs, what.config, delivery)
    found = since_last_run(found, past)
    return keep(found, past, _deliver(found, [*inputs, str(past)], what.config, delivery))


def _past(question: Question, config: Config, delivery: Delivery) -> Path | None:
    """The history, which can take a run: that of the command line, else that of the config."""
    if delivery.changes_only and delivery.format == "nagios":
        remedy = "leave --changes-only out: the monitoring system itself tells of changes"
        raise UserError("wrong-usage", "--changes-only would show nagios a standing problem as OK", remedy=remedy)
    configured = config.report.history
    if delivery.history:
        past = Path(delivery.history)
    elif configured and question.config:
        past = Path(question.config).parent / configured
    elif delivery.changes_only:
        remedy = "add --history FILE, or report.history to the config"
        raise UserError("wrong-usage", "--changes-only compares with the last run, and none is kept", remedy=remedy)
    else:
        return None
    refuse_unusable(past, delivery.output)
    return past


def demo(story: str, delivery: Delivery) -> int:
    """Review a packaged story; returns the exit code."""
    what = _story(story)
    return _deliver(_review(what, Choice(), Watch()), [file.path for file in what.files], what.config, delivery)


def demo_report(story: str) -> Report:
    """The report of a packaged story, as the demo shows it."""
    return _review(_story(story), Choice(), Watch())


def _story(story: str) -> Asked:
    file = sample_data() / story / "config.yaml"
    what = asked(Question(config=str(file)))
    named = [File(each.path, f"{story}/{Path(each.path).name}", each.role) for each in what.files]
    return replace(what, files=named)


def sample_data() -> Path:
    """The packaged stories: in the wheel inside the package, in a checkout beside it."""
    package = Path(__file__).parents[1]
    return next(folder for folder in (package / "sample_data", package.parent / "sample_data") if folder.is_dir())


def _review(what: Asked, choice: Choice, watch: Watch) -> Report:
    settings = {**check_settings(what.config), **_switched_off(choice)}
    given = what.config.waivers
    return review(
        Request(
            what.files,
            what.reading,
            shop(what.config),
            what.columns,
            settings,
            stale_after=what.stale_after,
            waivers={each.check: Waiver(each.until, each.reason) for each in given},
            memory=what.memory,
            watch=watch,
        )
    )


def _switched_off(choice: Choice) -> dict[str, Settings]:
    """The checks that --only and --skip leave out; they stay in the report, as skipped."""
    only, skip = {find(name).id for name in choice.only}, {find(name).id for name in choice.skip}
    off = {check.id: "left out by --only" for check in CHECKS if only and check.id not in only}
    return {
        name: Settings(enabled=False, reason=reason)
        for name, reason in {**off, **dict.fromkeys(skip, "left out by --skip")}.items()
    }


def _deliver(found: Report, inputs: Sequence[str], config: Config, delivery: Delivery) -> int:
    code = exit_code(found, delivery.fail_on or config.report.fail_on)
    unchanged = delivery.changes_only and found.since is not None and not found.since.matters
    if unchanged and code != COULD_NOT_JUDGE:
        code = 0
    if delivery.output:
        plain = Look(width=screen.PIPED_WIDTH, color=False, unicode=True, frame=False)
        write_whole(Path(delivery.output), _rendered(found, delivery.format, code, plain), inputs)
    elif not unchanged and (delivery.changes_only or not delivery.quiet or code not in (0, COULD_NOT_JUDGE)):
        color = screen.color(switched_off=delivery.no_color)
        look = Look(width=screen.width(), color=color, unicode=screen.unicode(), frame=screen.on_terminal())
        screen.show(_rendered(found, delivery.format, code, look))
    if code == COULD_NOT_JUDGE:
        screen.complain("merchant-check: no check could be judged; the report says what is missing")
    return code


def _rendered(found: Report, form: str, code: int, look: Look) -> str:
    renderer = import_module(f"merchant_check.render.{RENDERERS[form]}")  # rich and jinja2 take their time to load
    text: str = renderer.render(found, **_manner(form, code, look))
    return text


def _manner(form: str, code: int, look: Look) -> dict[str, Any]:
    """What a renderer has to know beside the report."""
    if form == "terminal":
        return vars(look)
    return {"exit_code": code} if form in ("json", "nagios") else {}


def exit_code(found: Report, fail_on: str) -> int:
    """The contract: 2 critical, 1 warning, 3 nothing could be judged, else 0; `fail_on` never hides 3."""
    if not found.status.judged:
        return COULD_NOT_JUDGE
    severity = found.counted.severity
    return severity if severity >= FAILS_FROM[fail_on] else 0
