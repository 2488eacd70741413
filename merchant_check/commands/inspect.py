"""Shows how files were understood; writes nothing and judges nothing."""

from __future__ import annotations

from merchant_check import inspection, screen
from merchant_check.commands.question import Question, asked
from merchant_check.config import check_settings, shop
from merchant_check.render import inspect as render
from merchant_check.render.words import ascii_only
from merchant_check.review import Request

NOT_UNDERSTOOD = 3


def inspect(question: Question, form: str) -> int:
    """Print how each file was read; the exit code is 3 where one can't be used."""
    screen.stop_at_interrupt()
    what = asked(question)
    settings = check_settings(what.config)
    found = inspection.inspect(
        Request(what.files, what.reading, shop(what.config), what.columns, settings, memory=what.memory)
    )
    if form == "json":
        screen.show(render.as_json(found))
    else:
        shown = render.text(found, min(screen.width(), 140))
        screen.show(shown if screen.unicode() else ascii_only(shown))
    refused = found.problem or any(reading.problem for reading in found.readings)
    return NOT_UNDERSTOOD if refused else 0
