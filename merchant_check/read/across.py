"""Reports with the months across and the accounts down, as bookkeeping programs write them."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from merchant_check.read.formats import month_by_name

ENOUGH_MONTHS = 3
MONTH = re.compile(r"([^\W\d_]{3,10})\.?[ -](\d{4})|(\d{4})-(\d{2})")


@dataclass(frozen=True)
class Across:
    """The header row: its line, the names in it, and which of them are months."""

    line: int
    names: list[str]
    columns: list[int]
    delimiter: str


def months_across(lines: Sequence[str]) -> Across | None:
    """The first row that names three months or more, after a first cell without one; None if there is none."""
    for number, line in enumerate(lines, 1):
        for delimiter in ",;\t":
            cells = _cells(line, delimiter)
            months = [at for at, cell in enumerate(cells) if is_month(cell)]
            if len(months) >= ENOUGH_MONTHS and months[0] > 0:
                return Across(number, cells, months, delimiter)
    return None


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line.replace("\r", "")], delimiter=delimiter), [])]
    except csv.Error:  # a field of more characters than csv takes is no month
        return []


def is_month(cell: str) -> bool:
    """The cell is a month and nothing else, such as Jan 2025 or 2025-01."""
    found = MONTH.fullmatch(cell)
    return bool(found and (found[3] or month_by_name(found[1])))
