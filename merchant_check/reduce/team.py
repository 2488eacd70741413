"""Staffing becomes monthly team figures: from a roster's stints, or from a sheet's own columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from merchant_check.facts import TENURE_MONTHS, last_day, month_number, months_before
from merchant_check.read.roster import Roster


def roster_months(roster: Roster, months: Iterable[int]) -> dict[int, dict[str, float]]:
    """Headcount, newcomers, hires, leavers and locations of each month, exact to the day.

    Leavers are absent where nobody has an end date: the roster then shows survivors only.
    """
    found = {}
    for month in months:
        day = last_day(month)
        team = [stint for stint in roster.stints if stint.on(day)]
        figures: dict[str, float] = {
            "headcount": len(team),
            "newcomers": sum(stint.start > months_before(day, TENURE_MONTHS) for stint in team),
            "hires": sum(month_number(stint.start) == month for stint in roster.stints),
        }
        if roster.has_ends:
            ends = [stint.end for stint in roster.stints if stint.end]
            figures["leavers"] = sum(month_number(end) == month for end in ends)
        if roster.has_locations:
            places = {stint.place(day) for stint in team}
            figures["locations"] = len(places - {None})
        found[month] = figures
    return found


def sheet_months(months: Mapping[int, Mapping[str, float]]) -> dict[int, dict[str, float]]:
    """A sheet's own figures, with newcomers: the hires of six months, else the growth of six months (a lower bound)."""
    found = {}
    for month, figures in months.items():
        latest = [months.get(month - back, {}) for back in range(TENURE_MONTHS)]
        before = months.get(month - TENURE_MONTHS, {}).get("headcount")
        added = dict(figures)
        if all("hires" in row for row in latest):
            added["newcomers"] = sum(row["hires"] for row in latest)
        elif before is not None and "headcount" in figures:
            added["newcomers"] = max(0.0, figures["headcount"] - before)
        found[month] = added
    return found
