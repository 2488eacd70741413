"""A config written for files that were just read: short, commented, and ready to run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from merchant_check.errors import clean


@dataclass(frozen=True)
class Draft:
    """What goes into the file: `inputs` role → paths; `columns` role → key → (value, why it is there); `currency` and
    why; `understood`: a line on each file."""

    inputs: Mapping[str, Sequence[str]]
    currency: tuple[str, str] | None = None
    first_day: date | None = None
    columns: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)
    understood: Sequence[str] = ()


def draft_text(draft: Draft) -> str:
    """The file's text; every value in it is quoted as YAML needs it."""
    return "\n".join(_lines(draft)) + "\n"


def _lines(draft: Draft) -> Iterator[str]:
    yield "# The configuration of merchant-check, written by `merchant-check init`. What is commented out is optional;"
    yield "# config.example.yaml and `merchant-check explain` tell of every key and check."
    yield "#"
    yield from (f"# {line}" for line in draft.understood)
    yield ""
    yield "merchant:"
    yield "  #name: Example Shop           # the name at the top of the report"
    if draft.currency:
        yield f"  currency: {_quoted(draft.currency[0])}  # {draft.currency[1]}"
    else:
        yield "  #currency: EUR                # the currency of all amounts"
    yield "  #timezone: Europe/Berlin      # where the shop's day begins, for dates that carry an offset"
    first = f"; the files begin on {draft.first_day}" if draft.first_day else ""
    yield f"  #opened: 2023-09-18           # the first day of business{first}"
    yield "  #category: general            # general, consumables, fashion or durables: how often customers come back"
    yield ""
    yield "inputs:                         # paths and patterns, relative to this file"
    for role, paths in draft.inputs.items():
        yield f"  {role}: [{', '.join(map(_quoted, paths))}]" if paths else f"  #{role}: [{role}.csv]"
    if draft.columns:
        yield ""
        yield "columns:"
    for role, settings in draft.columns.items():
        yield f"  {role}:"
        for key, (value, why) in settings.items():
            yield f"    {key}: {_quoted(value)}  # {why}"
    if not draft.inputs.get("cash"):
        yield ""
        yield "# Without a cash file, rough figures let the cash checks say something (marked as estimated)."
        yield "#finance:"
        yield "#  cash_balance: {amount: 250000, on: 2026-10-31}"
        yield "#  gross_margin: 0.42"
        yield "#  monthly_overhead: 12000"
        yield "#  monthly_marketing: 8000"
    yield ""
    yield "#plan:                          # planned net revenue, by year or by month"
    yield "#  2026: 1200000"
    yield ""
    yield "report:"
    yield "  fail_on: warning              # the mildest finding that makes a run fail: warning, critical or never"
    yield "  max_rejected: 0.01            # a file with a larger share of unreadable rows is refused"


def _quoted(value: str) -> str:
    return json.dumps(clean(value, len(value)), ensure_ascii=False)
