"""What would turn a finding, when it meets its next line, and the room to grow, in words: shared by all renderers."""

from __future__ import annotations

from merchant_check.render import words
from merchant_check.report import Finding, Headroom, Step

ROOM = "Room to grow"
WITHIN = "in the next three months, before a check turns"


def turning(finding: Finding, currency: str | None) -> str:
    """ "To bring it back: 3 people more on the team, or 34 orders fewer a month."; a piece for each part."""
    titles = {part.id: "" if part is finding.first else f"{part.title}: " for part in finding.parts}
    known, unknown = [], []
    for part, title in titles.items():
        steps = [step for step in finding.to_ok if step.part == part]
        if ways := [_step(step, currency) for step in steps if step.amount]:
            known.append(title + ", or ".join(ways))
        elif steps:
            unknown.append(title + steps[0].text)
    said = [f"To bring it back: {'; '.join(known)}."] if known else []
    return " ".join([*said, *([f"Not in one step: {'; '.join(unknown)}."] if unknown else [])])


def step_sentence(finding: Finding, step: Step, currency: str | None) -> str:
    """One way to turn a finding by itself, for scripts; where there is none, what happened instead."""
    if step.amount:
        return words.as_sentence(f"{_step(step, currency)} would bring it back")
    return f"{words.as_sentence(step.text)} {words.summary(finding, currency)}"


def _step(step: Step, currency: str | None) -> str:
    return words.sentence(step.text, {"amount": step.amount} if step.amount else {}, currency)


def trend(finding: Finding) -> str:
    """ "At this pace it crosses its critical line in about 4 months."; empty where it does not, or not soon."""
    months, part = finding.months_to_next_line, finding.first
    if months is None or part is None or part.value is None:
        return ""
    line = "critical" if part.threshold.beyond(part.value, part.threshold.warning) else "warning"
    when = "within a month" if round(months) < 1 else f"in about {words.counted(round(months), 'months')}"
    return f"At this pace it crosses its {line} line {when}."


def room(headroom: Headroom, currency: str | None) -> str:
    """ "up to 8 hires, then Newcomers turns"; why there is none; or what is missing to tell."""
    value, titles = headroom.value, words.listed(headroom.binding)
    several = len(headroom.binding) > 1
    if value is None:
        return f"unknown: {headroom.reason}"
    if headroom.already:
        lines = "are beyond their critical lines" if several else "is beyond its critical line"
        return f"none: {titles} {lines} already, and more would make it worse"
    monthly = value.unit == "money"
    if not value.value:
        return f"none: {'even a little more' if monthly else 'the first one'} would turn {titles}"
    amount = f"up to {words.amount(value.value, value.unit, currency)}{' more a month' if monthly else ''}"
    if not titles:
        return f"{amount}, as much again as today: no check turns"
    return f"{amount}, then {titles} {'turn' if several else 'turns'}"


def rooms(headrooms: tuple[Headroom, ...], currency: str | None) -> list[tuple[str, str]]:
    """Each lever with what is to be said of it; those together of which the same is."""
    said: dict[str, list[str]] = {}
    for headroom in headrooms:
        said.setdefault(room(headroom, currency), []).append(headroom.lever)
    return [(", ".join(levers), text) for text, levers in said.items()]
