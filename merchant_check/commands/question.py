"""What a command line asks about: files, the config behind them, and how they are to be read."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from glob import glob
from pathlib import Path
from zoneinfo import ZoneInfo

from merchant_check.commands.memory import memory
from merchant_check.config import Config
from merchant_check.config.file import load_config
from merchant_check.errors import UserError, Where, clean
from merchant_check.read.account import ReadSettings
from merchant_check.read.files import File
from merchant_check.read.recognise import ROLES

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|", "space": " "}


@dataclass(frozen=True)
class Told:
    """How the command line says that files are to be read: each value as [ROLE=]VALUE, as it was typed."""

    encoding: Sequence[str] = ()
    delimiter: Sequence[str] = ()
    date_format: Sequence[str] = ()
    max_rejected: float | None = None
    stale_after: float | None = None
    memory_limit: str | None = None


@dataclass(frozen=True)
class Question:
    """Files with their forced roles, a config, the last day, and how to read."""

    files: Sequence[tuple[str, str | None]] = ()
    config: str | None = None
    as_of: str | None = None
    told: Told = field(default_factory=Told)


@dataclass(frozen=True)
class Asked:
    """The question with its config and patterns unfolded. `columns` are the config's, with what the options add."""

    config: Config
    files: list[File]
    reading: ReadSettings
    columns: Mapping[str, Mapping[str, str]]
    memory: int
    stale_after: float | None = None


def asked(question: Question) -> Asked:
    """Read the config and find the files: those of the command line, else those of the config.

    Raises UserError where there are none, or where an option or the config is wrong.
    """
    config = load_config(Path(question.config)) if question.config else Config()
    files = [File(name, name, role) for name, role in question.files]
    if not files and question.config:
        files = configured_files(config, Path(question.config))
    if not files:
        raise UserError(
            "no-files", "no files given", remedy="try: merchant-check report orders.csv staffing.csv cash.csv"
        )
    told = question.told
    stale_after = config.report.stale_after_days if told.stale_after is None else told.stale_after
    room = memory(told.memory_limit)
    return Asked(config, files, _reading(config, question), _columns(config, told), room, stale_after)


def configured_files(config: Config, file: Path) -> list[File]:
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


def _reading(config: Config, question: Question) -> ReadSettings:
    as_of, now = _day(question.as_of), today(config.merchant.timezone)
    if as_of and as_of > now:
        raise UserError("bad-date", f"--as-of {as_of} is in the future", remedy=f"name a day up to today, {now}")
    patience = question.told.max_rejected
    return ReadSettings(
        today=now,
        as_of=as_of,
        timezone=config.merchant.timezone,
        currency=config.merchant.currency,
        max_rejected=config.report.max_rejected if patience is None else patience,
    )


def _columns(config: Config, told: Told) -> dict[str, dict[str, str]]:
    """The config's columns, over which the options' values win."""
    columns = {role: {key: str(value) for key, value in getattr(config.columns, role).items()} for role in ROLES}
    for key, values in (
        ("encoding", told.encoding),
        ("delimiter", told.delimiter),
        ("date_format", told.date_format),
    ):
        for value in values:
            role, _, said = value.partition("=")
            roles, said = ((role,), said) if role in ROLES else (ROLES, value)
            if not said:
                raise UserError(
                    "wrong-usage",
                    f"--{key.replace('_', '-')} {clean(value)!r} says nothing",
                    remedy="write VALUE or ROLE=VALUE, with ROLE one of orders, staffing, cash",
                )
            for each in roles:
                columns[each][key] = said
    for settings in columns.values():
        if "delimiter" in settings:
            settings["delimiter"] = _separator(settings["delimiter"])
    return columns


def _separator(written: str) -> str:
    sign = SEPARATORS.get(written.lower(), written)
    if len(sign) != 1 or sign in "\"'\r\n" or not sign.isascii():
        raise UserError(
            "wrong-usage", f"the delimiter {clean(written)!r} is no single sign", remedy="write one, or the word tab"
        )
    return sign


def today(timezone: str | None) -> date:
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
