"""Explains one check, with the lines in force, or lists them all."""

from __future__ import annotations

from pathlib import Path

from merchant_check.checks import CHECKS, find
from merchant_check.checks.check import Check
from merchant_check.checks.verdict import SUBJECTS
from merchant_check.commands.report import demo_report
from merchant_check.config import Config, check_settings, shop
from merchant_check.config.file import load_config
from merchant_check.render.explain import check_text, list_text, room_text
from merchant_check.render.terminal import one_finding
from merchant_check.room import ASSUMPTIONS, QUESTION

WIDEST = 100
ROOM_TO_GROW = "room-to-grow"


def explain(name: str | None, config_file: str | None, width: int) -> str:
    """The text for a check, or for all of them; raises UserError for a name that is no check."""
    if name is None:
        return list_text(CHECKS, SUBJECTS)
    if name == ROOM_TO_GROW:
        return room_text(QUESTION, ASSUMPTIONS, min(width, WIDEST))
    check = find(name, ROOM_TO_GROW)
    config = load_config(Path(config_file)) if config_file else Config()
    category, given = shop(config).category, check_settings(config).get(check.id)
    in_force = {**check.lines(category), **(given.lines if given else {})}
    width = min(width, WIDEST)
    return check_text(check, in_force, category, example(check, width - 1), width)


def example(check: Check, width: int) -> str:
    """What the card of the sample shop that shows the check best says of it."""
    return one_finding(demo_report(check.document.example), check.id, width)
