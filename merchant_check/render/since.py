"""What has changed since the last run, in words: shared by all renderers."""

from __future__ import annotations

from merchant_check.render import words
from merchant_check.report import Change, Report, Since

FIRST_RUN = "No earlier run to compare with."
_FINEST = 3  # decimals beyond which two figures may as well look alike


def opening(report: Report, since: Since) -> str:
    """ "Since 30 Oct 2026: 2 checks turned, grade B → D." """
    if since.day is None:
        return FIRST_RUN
    turned = words.counted(len(turns(since)), "checks") if turns(since) else "no check"
    grade = "" if since.grade == report.grade else f", grade {since.grade} → {report.grade}"
    return f"Since {words.day(since.day)}: {turned} turned{grade}."


def turns(since: Since) -> list[Change]:
    """What got worse or recovered, the worst first; nothing where there is no earlier run."""
    found = [change for change in since.changes if change.matters and since.day]
    return sorted(found, key=lambda change: change.after.severity, reverse=True)


def turn(change: Change, currency: str | None) -> str:
    """ "ok → critical, +12% → +62%" """
    if change.before is None:
        return f"new, {change.after}"
    waiver = "the waiver has ended" if change.waiver_ended else ""
    status = "" if change.before is change.after else f"{change.before} → {change.after}"
    return ", ".join(filter(None, (status, waiver, _figures(change, currency))))


def moved_most(since: Since, currency: str | None) -> str:
    """ "Moved most: Newcomers 14% → 19%, Runway 14 → 12 months."; empty where nothing did."""
    moved = [f"{change.title} {figures}" for change in since.moved if (figures := _figures(change, currency))]
    return f"Moved most: {', '.join(moved)}." if moved else ""


def _figures(change: Change, currency: str | None) -> str:
    """The figure then and now, with as many decimals as it takes to tell them apart; empty where that can't be."""
    if change.was is None or change.now is None:
        return ""
    for extra in range(_FINEST + 1):
        was, now = (words.number(value, change.unit, extra) for value in (change.was, change.now))
        if was != now:
            return f"{was} → {words.amount(change.now, change.unit, currency, extra)}"
    return ""
