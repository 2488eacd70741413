"""The command line: options → one call → exit code. Commands are imported when they run, so that --help is quick."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import PurePath
from typing import Annotated, Any, NoReturn

import typer

from merchant_check import __version__, screen
from merchant_check.errors import UserError, UserErrors, clean

PROGRAM = "merchant-check"
EXIT_HELP = (
    "Exit codes: 0 nothing reached --fail-on, 1 a warning, 2 a critical finding, 3 could not judge (wrong usage, "
    "unusable file, nothing to judge)."
)
COULD_NOT_JUDGE, INTERRUPTED, PIPE_CLOSED = 3, 130, 141

app = typer.Typer(
    help="Is this shop growing faster than its team, its customers' loyalty and its cash can carry?",
    epilog=EXIT_HELP,
    rich_markup_mode=None,  # plain help: half the start-up time, and it reads well everywhere
    pretty_exceptions_enable=False,
)


class Format(StrEnum):
    TERMINAL = "terminal"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    NAGIOS = "nagios"
    PROMETHEUS = "prometheus"


class Listing(StrEnum):
    TERMINAL = "terminal"
    JSON = "json"


SUFFIXES = {
    ".json": Format.JSON,
    ".md": Format.MARKDOWN,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".prom": Format.PROMETHEUS,
}


class FailOn(StrEnum):
    WARNING = "warning"
    CRITICAL = "critical"
    NEVER = "never"


class Story(StrEnum):
    STEADY = "steady"
    OVER_HIRED = "over-hired"
    AD_BURN = "ad-burn"


class Schema(StrEnum):
    CONFIG = "config"
    REPORT = "report"


Files = Annotated[
    list[str] | None, typer.Argument(help="Orders, staffing and cash files; their headers tell which. - is stdin.")
]
OrdersFiles = Annotated[list[str] | None, typer.Option("--orders", metavar="FILE", help="An orders file; repeatable.")]
StaffingFile = Annotated[str | None, typer.Option("--staffing", metavar="FILE", help="The staffing file.")]
CashFile = Annotated[str | None, typer.Option("--cash", metavar="FILE", help="The cash file.")]
ConfigFile = Annotated[str | None, typer.Option("--config", "-c", metavar="FILE", help="A config.yaml.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Judge as of this day (YYYY-MM-DD); later rows are cut.")
]
OutFormat = Annotated[Format | None, typer.Option("--format", "-f", help="How to write the report.")]
ListFormat = Annotated[Listing, typer.Option("--format", "-f", help="How to write it.")]
Output = Annotated[
    str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file; its suffix tells the format.")
]
Fail = Annotated[
    FailOn | None, typer.Option("--fail-on", help="The mildest finding that makes the exit code non-zero.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing unless something reached --fail-on.")]
Only = Annotated[list[str] | None, typer.Option("--only", metavar="CHECK", help="Run only this check; repeatable.")]
Skip = Annotated[list[str] | None, typer.Option("--skip", metavar="CHECK", help="Leave this check out; repeatable.")]
Encodings = Annotated[
    list[str] | None,
    typer.Option("--encoding", metavar="[ROLE=]NAME", help="The files' encoding, e.g. cp1252 or cash=gb18030."),
]
Delimiters = Annotated[
    list[str] | None, typer.Option("--delimiter", metavar="[ROLE=]SIGN", help="The sign between fields, e.g. tab.")
]
DateFormats = Annotated[
    list[str] | None,
    typer.Option("--date-format", metavar="[ROLE=]FORM", help="How dates are written, e.g. orders=DD/MM/YYYY."),
]
MaxRejected = Annotated[
    float | None,
    typer.Option(
        "--max-rejected", metavar="SHARE", min=0, max=1, help="Set aside up to this share of unreadable rows [0.01]."
    ),
]
StaleAfter = Annotated[
    float | None,
    typer.Option("--stale-after", metavar="DAYS", min=0, help="Warn when the newest order is older than this."),
]
MemoryLimit = Annotated[
    str | None,
    typer.Option("--memory-limit", metavar="SIZE", help="Use no more memory than this, e.g. 2GB [the machine's]."),
]
Verbose = Annotated[bool, typer.Option("--verbose", help="Tell on stderr where the time went.")]
History = Annotated[
    str | None,
    typer.Option("--history", metavar="FILE", help="Keep the run in this file, and tell what changed since the last."),
]
ChangesOnly = Annotated[
    bool,
    typer.Option("--changes-only", help="Print, and fail, only when a status got worse or recovered since the last."),
]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours, whatever the terminal can do.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        screen.show(f"{PROGRAM} {__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Is this shop growing faster than its team, its customers' loyalty and its cash can carry?"""


@app.command(epilog=EXIT_HELP)
def report(
    files: Files = None,
    orders: OrdersFiles = None,
    staffing: StaffingFile = None,
    cash: CashFile = None,
    config: ConfigFile = None,
    as_of: AsOf = None,
    format: OutFormat = None,  # noqa: A002 - the option's name
    output: Output = None,
    fail_on: Fail = None,
    quiet: Quiet = False,
    only: Only = None,
    skip: Skip = None,
    encoding: Encodings = None,
    delimiter: Delimiters = None,
    date_format: DateFormats = None,
    max_rejected: MaxRejected = None,
    stale_after: StaleAfter = None,
    history: History = None,
    changes_only: ChangesOnly = False,
    memory_limit: MemoryLimit = None,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Print the report card of a shop, from the files it already has."""

    def work() -> int:
        from merchant_check.commands.question import Question, Told
        from merchant_check.commands.report import Choice, Delivery, report

        _refuse_empty(**{"--config": config, "--as-of": as_of, "--output": output, "--history": history})
        _refuse_empty(**{"--memory-limit": memory_limit})
        told = Told(encoding or (), delimiter or (), date_format or (), max_rejected, stale_after, memory_limit)
        question = Question(_files(files, orders, staffing, cash), config, as_of, told)
        delivery = Delivery(_format(format, output), output, fail_on, quiet, no_color, history, changes_only)
        return report(question, Choice(only or (), skip or ()), delivery, verbose=verbose)

    _end(work, _format(format, output))


@app.command()
def inspect(
    files: Files = None,
    orders: OrdersFiles = None,
    staffing: StaffingFile = None,
    cash: CashFile = None,
    config: ConfigFile = None,
    as_of: AsOf = None,
    format: ListFormat = Listing.TERMINAL,  # noqa: A002 - the option's name
    encoding: Encodings = None,
    delimiter: Delimiters = None,
    date_format: DateFormats = None,
    max_rejected: MaxRejected = None,
) -> None:
    """Show how files are understood: format, columns, dates, amounts, rows set aside, and what is missing for which
    check. Exit code 3 where a file can't be used."""

    def work() -> int:
        from merchant_check.commands.inspect import inspect
        from merchant_check.commands.question import Question, Told

        _refuse_empty(**{"--config": config, "--as-of": as_of})
        told = Told(encoding or (), delimiter or (), date_format or (), max_rejected)
        question = Question(_files(files, orders, staffing, cash), config, as_of, told)
        return inspect(question, format)

    _end(work, Format(format))


@app.command()
def init(
    files: Files = None,
    orders: OrdersFiles = None,
    staffing: StaffingFile = None,
    cash: CashFile = None,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to write the config.")
    ] = "config.yaml",
    force: Annotated[bool, typer.Option("--force", help="Overwrite a config that is there already.")] = False,
    encoding: Encodings = None,
    delimiter: Delimiters = None,
    date_format: DateFormats = None,
) -> None:
    """Write a commented config for these files; asks only what they leave open. Without files: one with every key."""

    def work() -> int:
        from merchant_check.commands.init import init
        from merchant_check.commands.question import Question, Told

        _refuse_empty(**{"--output": output})
        told = Told(encoding or (), delimiter or (), date_format or ())
        return init(Question(_files(files, orders, staffing, cash), told=told), output, force=force)

    _end(work, Format.TERMINAL)


@app.command(epilog=EXIT_HELP)
def demo(
    story: Annotated[Story, typer.Argument(help="Which of the packaged shops to look at.")] = Story.STEADY,
    format: OutFormat = None,  # noqa: A002 - the option's name
    output: Output = None,
    fail_on: Fail = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
) -> None:
    """Print the report card of a packaged sample shop; nothing to set up."""

    def work() -> int:
        from merchant_check.commands.report import Delivery, demo

        return demo(story.value, Delivery(_format(format, output), output, fail_on, quiet, no_color))

    _end(work, _format(format, output))


@app.command()
def explain(
    check: Annotated[str | None, typer.Argument(help="A check; none: list them all.")] = None,
    config: ConfigFile = None,
) -> None:
    """Explain a check: what its figure means, what to do, an example, its lines, and how to compute it."""

    def work() -> int:
        from merchant_check.commands.explain import explain
        from merchant_check.render.words import ascii_only

        text = explain(check, config, screen.width())
        screen.show(text if screen.unicode() else ascii_only(text))
        return 0

    _end(work, Format.TERMINAL)


@app.command()
def schema(
    of: Annotated[Schema, typer.Argument(help="Of the config, for editors, or of the JSON report.")] = Schema.CONFIG,
) -> None:
    """Print the JSON Schema of the config or of the JSON report, for editors and scripts."""

    def work() -> int:
        from merchant_check.commands.schema import schema

        return schema(of.value)

    _end(work, Format.TERMINAL)


@app.command()
def history(
    file: Annotated[str, typer.Argument(help="The file that report --history writes.")],
    format: ListFormat = Listing.TERMINAL,  # noqa: A002 - the option's name
) -> None:
    """Show the past runs of a history: each check's figure and status over time."""

    def work() -> int:
        from merchant_check.commands.history import history

        _refuse_empty(FILE=file)
        return history(file, format)

    _end(work, Format(format))


def _files(
    files: list[str] | None, orders: list[str] | None, staffing: str | None, cash: str | None
) -> list[tuple[str, str | None]]:
    """All files named, each with the role that its option forces on it."""
    _refuse_empty(**{"--orders": orders, "--staffing": staffing, "--cash": cash, "FILE": files})
    named: list[tuple[str, str | None]] = [(name, None) for name in files or []]
    named += [(name, "orders") for name in orders or []]
    return named + [(name, role) for name, role in ((staffing, "staffing"), (cash, "cash")) if name]


def _refuse_empty(**options: str | list[str] | None) -> None:
    """An empty value, as from an unset variable in a script, must not be taken for no value."""
    for name, value in options.items():
        if value is not None and "" in (value if isinstance(value, list) else [value]):
            raise UserError("wrong-usage", f"{name} is empty", remedy="give it a value, or leave it out")


def _format(wanted: Format | None, output: str | None) -> Format:
    """The format asked for, else the one the output's suffix tells."""
    return wanted or SUFFIXES.get(PurePath(output or "").suffix.lower(), Format.TERMINAL)


def _end(work: Callable[[], int], format_: Format) -> NoReturn:
    """Run a command's work and exit with its code; every failure becomes a line on stderr and code 3."""
    try:
        code = work()
    except UserErrors as several:
        code = _refuse(several.errors, format_)
    except UserError as error:
        code = _refuse([error], format_)
    except BrokenPipeError:
        code = PIPE_CLOSED
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BaseException as error:  # a bug; also a panic of polars, which is no Exception
        if os.environ.get("MERCHANT_CHECK_DEBUG"):
            raise
        message = f"internal error: {type(error).__name__}: {clean(' '.join(str(error).split()), 120)}"
        remedy = "please report it; MERCHANT_CHECK_DEBUG=1 shows where it happened"
        code = _refuse([UserError("internal-error", message, remedy=remedy)], format_)
    raise typer.Exit(code)


def _refuse(errors: Sequence[UserError], format_: Format) -> int:
    for error in errors:
        screen.complain(f"{PROGRAM}: {error}")
    with suppress(UserError, BrokenPipeError):  # stdout itself may be what failed, and that has been told
        if format_ is Format.JSON:
            from merchant_check.render.json_v1 import render_error

            screen.show(render_error(errors[0]))
        elif format_ is Format.NAGIOS:  # the one line that a monitoring system shows
            screen.show(f"MERCHANT UNKNOWN - {str(errors[0]).replace('|', '/')}\n")
    return COULD_NOT_JUDGE


def main() -> None:
    """Run the command line. Typer's own usage error exits 2 and a crash 1: both must be 3 here."""
    code = run(sys.argv[1:])
    if code in (PIPE_CLOSED, COULD_NOT_JUDGE):
        screen.forget_streams()
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        outcome: Any = app(args=list(arguments), prog_name=PROGRAM, standalone_mode=False)
        screen.flush()
        code = outcome if isinstance(outcome, int) else 0
    except typer.TyperException as error:
        code = _wrong_usage(error, arguments)
    except typer.Abort:
        code = INTERRUPTED
    except BrokenPipeError:
        code = PIPE_CLOSED
    except UserError as error:  # --version could not be written
        code = _refuse([error], Format.TERMINAL)
    except OSError as error:  # nor --help
        code = _refuse([screen.unwritable(error)], Format.TERMINAL)
    except SystemExit as exit_:  # typer's end of shell completion (0), and its answer to a closed pipe (1)
        code = PIPE_CLOSED if exit_.code else 0
    return code


def _wrong_usage(error: typer.TyperException, arguments: Sequence[str]) -> int:
    """Typer's words for a wrong command line, in one line of our form."""
    context = getattr(error, "ctx", None)
    message = " ".join(error.format_message().split()).removesuffix(".").replace("Value error, ", "")
    remedy = f"try '{context.command_path if context else PROGRAM} --help'"
    given = " ".join(arguments).replace("=", " ")
    wants_json = "--format json" in given or "-f json" in given
    wrong = UserError("wrong-usage", clean(message, 200), remedy=remedy)
    return _refuse([wrong], Format.JSON if wants_json else Format.TERMINAL)
