"""Explains one check, with the lines in force, or lists them all."""

from __future__ import annotations

from pathlib import Path

from merchant_check.checks import CHECKS, find
from merchant_check.checks.verdict import SUBJECTS
from merchant_check.config import Config, check_settings, shop
from merchant_check.config.file import load_config
from merchant_check.render.explain import check_text, list_text, room_text
from merchant_check.room import ASSUMPTIONS, QUESTION

WIDEST = 100
ROOM_TO_GROW = "room-to-grow"


def explain(name: str | None, config_file: str | None, width: int) -> str:
    """The text for a check, or for all of them; raises UserError for a name that is no check."""
    if name is None:
        return list_text(CHECKS, SUBJECTS)
    if name == ROOM_TO_GROW:
        return room_text(QUESTION, ASSUMPTIONS, min(width, WIDEST))
    check = find(name)
    config = load_config(Path(config_file)) if config_file else Config()
    category, given = shop(config).category, check_settings(config).get(check.id)
    in_force = {**check.lines(category), **(given.lines if given else {})}
    return check_text(check, in_force, category, min(width, WIDEST))
