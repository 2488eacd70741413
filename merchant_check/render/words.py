"""Turns quantities, months and findings into words, once, for every renderer."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType

from merchant_check import errors
from merchant_check.facts import MINOR, MONTH_NAMES, month_name
from merchant_check.report import Finding, GradedPart, Input, Quantity, Report, SetAside, Status, Threshold

SIGNS = {
    Status.OK: "✔",
    Status.WARNING: "▲",
    Status.CRITICAL: "✖",
    Status.UNKNOWN: "?",
    Status.SKIPPED: "·",
}
NO_FIGURE = "–"

_MINUS = "−"
_BARS = "▁▂▃▄▅▆▇█"
_GAP = " "
_FINEST = 3  # decimals beyond which two figures may as well look alike

_IN_HUNDREDTHS = {"share", "change", "points"}
_SIGNED = {"change", "points"}  # a rise shows its plus sign
_SYMBOLS = {"share": "%", "change": "%", "multiple": "×", "count": ""}  # every other unit is a counted noun
_SINGULAR = {
    "orders": "order",
    "people": "person",
    "customers": "customer",
    "hires": "hire",
    "locations": "location",
    "hours": "hour",
    "days": "day",
    "months": "month",
    "rows": "row",
    "runs": "run",
    "checks": "check",
    "points": "point",
}


# --- numbers ---------------------------------------------------------------------------------------------------


def amount(value: float, unit: str, currency: str | None = None, extra: int = 0) -> str:
    """A number with its unit, rounded as people say it: "+62%", "6.2 months", "1.24 M EUR", "1 order"."""
    digits = number(value, unit, extra)
    if unit == "money":
        return f"{digits} {currency}" if currency else digits
    return digits if unit in _SYMBOLS else _counted(digits, unit)


def number(value: float, unit: str, extra: int = 0) -> str:
    """The same without the noun or the currency; `extra` adds decimals where two figures would look alike."""
    if not math.isfinite(value):
        return NO_FIGURE
    if unit == "money":
        return _money(value / MINOR, extra)
    if unit in _IN_HUNDREDTHS:
        value *= 100
    digits = _number(value, extra, plus=unit in _SIGNED, whole_from=24 if unit == "months" else 10)
    return digits + _SYMBOLS.get(unit, "")


def _number(value: float, extra: int, *, plus: bool, whole_from: float) -> str:
    """One decimal below `whole_from`, none above, never a trailing .0; a true minus sign, no sign on zero."""
    decimals = (1 if abs(value) < whole_from else 0) + extra
    digits = f"{abs(value):,.{decimals}f}"
    if decimals and not extra:
        digits = digits.removesuffix(".0")
    return _sign(value, digits, plus=plus) + digits


def _sign(value: float, digits: str, *, plus: bool = False) -> str:
    if not digits.strip("0.,"):
        return ""
    return _MINUS if value < 0 else "+" if plus else ""


def _money(value: float, extra: int) -> str:
    size = abs(value)
    if round(size) >= 1_000_000:
        millions = size / 1_000_000
        decimals = 2 if millions < 10 else 1 if millions < 100 else 0  # three digits are what people say
        return _sign(value, "M") + f"{millions:,.{decimals + extra}f} M"
    decimals = 0 if round(size, 2) >= 100 or size == 0 else 2
    digits = f"{size:,.{decimals + extra}f}"
    return _sign(value, digits) + digits


def _counted(digits: str, noun: str) -> str:
    return f"{digits} {_SINGULAR.get(noun, noun) if digits.lstrip('+' + _MINUS) == '1' else noun}"


def counted(number: int, noun: str) -> str:
    """ "1 row", "1,240 rows": `noun` is the plural."""
    return _counted(f"{number:,}", noun)


def listed(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


# --- figures and their lines -----------------------------------------------------------------------------------


def figure(part: GradedPart, currency: str | None = None) -> str:
    """The part's value; with more decimals where it would otherwise look exactly like a line it has crossed."""
    if part.value is None:
        return NO_FIGURE
    lines = [line for line in (part.threshold.warning, part.threshold.critical) if line is not None]
    others = [line for line in lines if line != part.value]
    for extra in range(_FINEST + 1):
        digits = number(part.value, part.unit, extra)
        if all(digits != number(line, part.unit, extra) for line in others):
            return amount(part.value, part.unit, currency, extra)
    return amount(part.value, part.unit, currency)


def line(threshold: Threshold, unit: str, status: Status, currency: str | None = None, *, bare: bool = False) -> str:
    """The line that was crossed, the warning line when none was: "max +25%", "min 12 months" (bare: "min 12")."""
    crossed = threshold.critical if status is Status.CRITICAL else threshold.warning
    held = next((value for value in (crossed, threshold.warning, threshold.critical) if value is not None), None)
    if held is None:
        return ""
    text = number(held, unit) if bare else amount(held, unit, currency)
    return f"{'max' if threshold.better == 'lower' else 'min'} {text}"


def sparkline(values: Sequence[float | None], threshold: Threshold) -> str:
    """The series as bars, a gap for None; what is small against the distance to the line is drawn small."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return ""
    low, high = min(known), max(known)
    distance = 0.0 if threshold.warning is None else abs(known[-1] - threshold.warning)
    span = max(high - low, distance)
    floor = (low + high - span) / 2  # a calm figure runs along the middle

    def bar(value: float | None) -> str:
        if value is None or not math.isfinite(value):
            return _GAP
        return _BARS[round((value - floor) / span * (len(_BARS) - 1)) if span else len(_BARS) // 2]

    return "".join(map(bar, values))


# --- sentences -------------------------------------------------------------------------------------------------


def sentence(
    template: str,
    evidence: Mapping[str, Quantity],
    currency: str | None = None,
    written: Mapping[tuple[float | None, str], str] = MappingProxyType({}),
) -> str:
    """Fill the {names} of a summary with formatted quantities, those `written` elsewhere as they are there.

    A name without evidence stays visible.
    """

    def filled(name: re.Match[str]) -> str:
        quantity = evidence.get(name[1])
        if not quantity:
            return name[0]
        key = (quantity.value, quantity.unit)
        return written[key] if key in written else amount(*key, currency)

    return re.sub(r"\{(\w+)\}", filled, template)


def summary(finding: Finding, currency: str | None = None) -> str:
    """The finding's summary with its numbers in it; where one is a figure of the row, with the same digits."""
    figures = {(part.value, part.unit): figure(part, currency) for part in finding.parts}
    return sentence(finding.summary, finding.evidence, currency, figures)


def caveat(finding: Finding) -> str:
    """Why a judged finding is to be taken with care: "Within chance.", "Weak evidence: under 5 people."; else ""."""
    first, weak = finding.first, finding.weak_because
    softened = first.reason if first and first.value is not None and first.reason not in weak else ""
    reasons = [as_sentence(softened)] if softened else []
    if finding.estimated:
        reasons.append("Estimated (see Data).")
    rest = [text for text in weak if text not in finding.estimated]
    if rest:
        reasons.append(f"Weak evidence: {'; '.join(rest)}.")
    if finding.waived:
        reasons.append(f"Waived until {day(finding.waived.until)}: {finding.waived.reason}.")
    return " ".join(reasons)


def unjudged(finding: Finding) -> str:
    """Why a finding could not be judged, as a sentence."""
    fallback = "not asked for" if finding.status is Status.SKIPPED else "not enough to judge"
    return as_sentence(finding.reason or fallback)


def parts_to_tell(finding: Finding) -> list[GradedPart]:
    """The parts that the finding's own row does not speak for: others that are not ok, a first one that is unknown."""
    return [
        part
        for part in finding.parts
        if part.status is not Status.OK and not (part is finding.first and part.status.judged)
    ]


def skipped_by_reason(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """The skipped findings, together where one input would answer for all of them."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.status is Status.SKIPPED:
            groups.setdefault(finding.reason, []).append(finding)
    return groups


def as_sentence(text: str) -> str:
    """A reason with a capital and a full stop; a file name at its start stays as it is."""
    text = text.strip()
    starts_with_a_word = re.match(r"[a-z'’-]+(\s|$)", text)
    text = text[:1].upper() + text[1:] if starts_with_a_word else text
    return text if text.endswith((".", "!", "?")) or not text else text + "."


# --- time ------------------------------------------------------------------------------------------------------


def day(when: date) -> str:
    """31 Oct 2026."""
    return f"{when.day} {MONTH_NAMES[when.month - 1][:3]} {when.year}"


# --- the data line ---------------------------------------------------------------------------------------------


def input_facts(source: Input) -> list[str]:
    """How one file was read, a sentence each: what it is, what was left out or rejected, what was noted."""
    used = "all used" if source.rows_used == source.rows_read else f"{source.rows_used:,} used"
    head = [source.path, source.format, f"{counted(source.rows_read, 'rows')} read, {used}"]
    if source.first and source.last:
        head.append(f"{day(source.first)} to {day(source.last)}")
    found = [" · ".join(filter(None, head))]
    for label, rows in (("Left out on purpose", source.left_out), ("Rejected as unreadable", source.rejected)):
        if rows:
            found.append(f"{label}: {'; '.join(map(set_aside, rows))}")
    return found + [f"Note: {note}" for note in source.notes]


def set_aside(rows: SetAside) -> str:
    """ "unreadable date 12 rows (lines 1042, 1043, …)"; line numbers as an editor shows them, without commas."""
    text = f"{rows.reason} {counted(rows.rows, 'rows')}"
    if not rows.lines:
        return text
    more = ", …" if rows.rows > len(rows.lines) else ""
    return f"{text} ({'line' if rows.rows == 1 else 'lines'} {', '.join(map(str, rows.lines))}{more})"


def grounds(report: Report) -> list[str]:
    """What the whole report rests on, a sentence each: orders, complete months, gaps, estimates, notes."""
    facts, totals = report.facts, report.facts.totals
    missing = totals.orders - totals.orders_with_customer
    share = amount(missing / totals.orders, "share") if totals.orders else ""
    without = f"{missing:,} without a customer ({share})" if missing else "all with a customer"
    months = [f"{len(span)} of {role}" for role, span in facts.spans.items()]
    gaps = [month_name(number) for number in sorted(facts.gaps)]
    return [
        f"{counted(totals.orders, 'orders')}, {without if facts.has_customers else 'no customer column'}; "
        f"{day(totals.first_day)} to {day(totals.last_day)}; currency {facts.shop.currency or 'not given'}.",
        f"Complete months: {listed(months)}. Data to {day(facts.as_of)}, looked at on {day(facts.today)}.",
        *([f"No order in {listed(gaps)}: is an export missing?"] if gaps else []),
        *(f"Estimated: {text}." for text in _shared(report, estimates)),
        *(f"Note: {text}." for text in _shared(report, lambda finding: finding.notes)),
    ]


def estimates(finding: Finding) -> Sequence[str]:
    """What an estimated finding rests on; its other reasons to be careful stand beside it."""
    return finding.estimated


def _shared(report: Report, texts: Callable[[Finding], Sequence[str]]) -> list[str]:
    """Each text once, with the checks it belongs to."""
    titles: dict[str, list[str]] = {}
    for finding in report.findings:
        for text in texts(finding):
            titles.setdefault(text.strip().rstrip("."), []).append(finding.title)
    return [f"{text} ({', '.join(names)})" for text, names in titles.items()]


# --- characters ------------------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """Text from a file or a config, whole but safe to show: control, escape and bidi characters become \\xNN."""
    return errors.clean(text, len(text))


_ASCII = str.maketrans({
    **dict(zip(_BARS, ".:-=+*#@", strict=True)),
    "✔": "OK", "▲": "!", "✖": "X", "·": "-", "−": "-", "–": "-", "—": "--", "×": "x",
    "÷": "/", "⅓": "1/3", "ρ": "rho", "Σ": "sum", "…": "...", "→": "->",
    "≥": ">=", "≤": "<=", "“": '"', "”": '"', "‘": "'", "’": "'", "€": "EUR", "£": "GBP", "¥": "JPY",
    "ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "ł": "l", "Ł": "L",
})  # fmt: skip


def ascii_only(text: str) -> str:
    """The text for a terminal without Unicode: our own signs spelled out, accents dropped, the rest as ?."""
    plain = unicodedata.normalize("NFKD", text.translate(_ASCII))
    return "".join(char if char.isascii() else "?" for char in plain if not unicodedata.combining(char))
