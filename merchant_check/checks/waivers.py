"""Findings that the owner knows of and accepts until a day: shown as such, and counted again once it is past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from merchant_check.report import Finding, Waiver


def waived(findings: Sequence[Finding], waivers: Mapping[str, Waiver], today: date) -> tuple[Finding, ...]:
    """The findings with their waivers; `waivers` by check id, the day `until` included. A past one leaves a note."""
    return tuple(
        _waived(finding, waivers[finding.id], today) if finding.id in waivers else finding for finding in findings
    )


def _waived(finding: Finding, waiver: Waiver, today: date) -> Finding:
    if today <= waiver.until:
        return replace(finding, waived=waiver)
    return replace(finding, notes=(*finding.notes, f"the waiver ended on {waiver.until}, so it counts again"))
