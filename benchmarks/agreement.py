"""Hold what the contestants found against the report's JSON: every figure, or the benchmark is worth nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Rows = list[dict[str, Any]]
Tables = Mapping[str, Rows]

FIELDS: Mapping[str, tuple[str, ...]] = {
    "totals": (
        *("orders", "orders_with_customer", "customers", "repeat_customers", "repeat_orders"),
        *("revenue", "refunds", "net_revenue", "first_day", "last_day"),
    ),
    "months": (
        *("month", "orders", "revenue", "refunds", "net_revenue", "active_customers", "new_customers"),
        *("returning_customers", "repeat_orders", "repeat_revenue", "orders_without_customer"),
    ),
    "days": ("day", "orders", "net_revenue", "new_customers"),
    "years": ("to", "buyers", "orders_with_customer", "net_revenue", "net_revenue_with_customer"),
    "second_order": ("group", "gap", "at_risk", "events"),
    "cohorts": ("first_month", "age", "customers", "net_revenue"),
    "set_aside": (*("read", "used", "duplicates", "cancelled", "unpaid", "unreadable_dates", "unreadable_amounts"),),
}
"""What every contestant must find; of the report's facts only a year's retained revenue is left to it alone."""
REASONS = {
    "duplicates": "identical duplicate",
    "cancelled": "cancelled",
    "unpaid": "unpaid",
    "unreadable_dates": "unreadable date",
    "unreadable_amounts": "unreadable amount",
}
SHOWN = 3


def reported(report: Mapping[str, Any]) -> Tables:
    """The tables of a JSON report."""
    facts, source = report["facts"], report["inputs"][0]
    aside = {each["reason"]: each["rows"] for each in (*source["rejected"], *source["left_out"])}
    known = {field: aside.pop(reason, 0) for field, reason in REASONS.items()}
    counts = {"read": source["rows_read"], "used": source["rows_used"], **known, **aside}
    return {**facts, "totals": [facts["totals"]], "set_aside": [counts]}


def differences(expected: Tables, found: Tables) -> list[str]:
    """Where the tables differ, in words; empty where all figures are the same."""
    return [said for table in FIELDS for said in _table(table, expected[table], found.get(table, []))]


def _table(table: str, expected: Rows, found: Rows) -> Iterator[str]:
    key, *_ = FIELDS[table]
    ours, theirs = _sorted(table, expected), _sorted(table, found)
    if not ours or len(ours) != len(theirs):
        yield f"{table}: {len(ours)} rows in the report, {len(theirs)} here"
    wrong = [
        f"{table} {mine[key]}: {field} is {mine[field]} in the report, {other.get(field)} here"
        for mine, other in zip(ours, theirs, strict=False)
        for field in FIELDS[table]
        if mine[field] != other.get(field)
    ]
    yield from wrong[:SHOWN]
    if len(wrong) > SHOWN:
        yield f"{table}: {len(wrong) - SHOWN} more"


def _sorted(table: str, rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: [row[field] for field in FIELDS[table][:2]])
