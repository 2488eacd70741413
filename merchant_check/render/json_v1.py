"""The report as JSON, schema version 1: keys are only ever added. Money in currency units, shares as fractions."""

from __future__ import annotations

import json
from typing import Any

from merchant_check import __version__
from merchant_check.errors import UserError
from merchant_check.facts import MINOR, Facts, Month, SecondOrder, first_day, last_day, month_label, month_number
from merchant_check.render import outlook, words
from merchant_check.report import (
    Change,
    Finding,
    Freshness,
    GradedPart,
    Headroom,
    Input,
    Report,
    SetAside,
    Since,
    Step,
    SubjectReport,
    Threshold,
    Waiver,
    Window,
)

SCHEMA_VERSION = 1
DECIMALS = 6  # of fractions; more is noise, and differs from machine to machine
MONEY_UNIT = "money"

Json = dict[str, Any]


def render(report: Report, *, exit_code: int) -> str:
    """The whole report; `exit_code` is the one the command ends with."""
    facts, shop = report.facts, report.facts.shop
    return document(
        {
            "schema_version": SCHEMA_VERSION,
            "tool": {"name": "merchant-check", "version": __version__},
            "merchant": words.clean(shop.name) or None,
            "currency": words.clean(shop.currency) if shop.currency else None,
            "timezone": shop.timezone,
            "today": facts.today.isoformat(),
            "as_of": facts.as_of.isoformat(),
            "complete_to": None if report.complete_to is None else month_label(report.complete_to),
            "status": report.status.value,
            "grade": report.grade,
            "verdict": report.verdict,
            "headline": report.headline,
            "exit_code": exit_code,
            "inputs": [input_json(source) for source in report.inputs],
            "subjects": [_subject(subject, shop.currency) for subject in report.subjects],
            "room_to_grow": {headroom.lever: _headroom(headroom, shop.currency) for headroom in report.room},
            "facts": _facts(facts),
            **(_since(report.since) if report.since else {}),
        }
    )


def render_error(error: UserError) -> str:
    """A refusal, in the same schema version."""
    where = error.where
    return document(
        {
            "schema_version": SCHEMA_VERSION,
            "error": {
                "code": error.code,
                "message": error.message,
                "file": words.clean(where.file) if where else None,
                "line": where.line if where else None,
                "remedy": error.remedy,
            },
        }
    )


def document(content: Json) -> str:
    """The text: what holds nothing but plain values stands on one line."""
    return _text(content, "\n") + "\n"


def _text(value: object, line: str) -> str:
    """A value's text; `line` ends a line and indents the next. json's own indent is slow, and gives every number a
    line."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if not any(isinstance(each, dict | list) for each in inner):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    below = line + " "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {_text(each, below)}" for key, each in value.items()]
        return f"{{{below}{f',{below}'.join(parts)}{line}}}"
    return f"[{below}{f',{below}'.join(_text(each, below) for each in inner)}{line}]"


def _money(amount: float | None) -> float | None:
    """Ten-thousandths as currency units with at most four decimals; a whole number stays one."""
    if amount is None:
        return None
    value = round(amount / MINOR, 4)
    return int(value) if value == int(value) else value


def _number(value: float | None, unit: str = "") -> float | None:
    if value is None or unit == MONEY_UNIT:
        return _money(value)
    return int(value) if value == int(value) else round(value, DECIMALS)


def figure(value: float | None, unit: str) -> float | None:
    """A figure in the units of the report."""
    return _number(value, unit)


# ---- inputs


def input_json(source: Input) -> Json:
    """How one file was read."""
    return {
        "role": source.role,
        "path": words.clean(source.path),
        "format": source.format,
        "encoding": source.encoding,
        "delimiter": source.delimiter,
        "header_line": source.header_line,
        "columns": {field: words.clean(header) for field, header in source.columns.items()},
        "conventions": [
            {"what": each.what, "how": each.how, "settled_by": words.clean(each.by)} for each in source.conventions
        ],
        "rows_read": source.rows_read,
        "rows_used": source.rows_used,
        "rejected": [{**_set_aside(rows), "lines": list(rows.lines)} for rows in source.rejected],
        "left_out": [_set_aside(rows) for rows in source.left_out],
        "notes": [words.clean(note) for note in source.notes],
        "first": source.first.isoformat() if source.first else None,
        "last": source.last.isoformat() if source.last else None,
        "freshness": _freshness(source.freshness),
    }


def _freshness(found: Freshness | None) -> Json | None:
    return {"days_old": found.days_old, "status": found.status.value} if found else None


def _set_aside(rows: SetAside) -> Json:
    return {"reason": words.clean(rows.reason), "rows": rows.rows}


# ---- findings


def _subject(subject: SubjectReport, currency: str | None) -> Json:
    return {
        "id": subject.id,
        "title": subject.title,
        "status": subject.status.value,
        "grade": subject.grade,
        "findings": [_finding(finding, currency) for finding in subject.findings],
    }


def _waived(waiver: Waiver | None) -> Json | None:
    return {"until": waiver.until.isoformat(), "reason": words.clean(waiver.reason)} if waiver else None


def _finding(finding: Finding, currency: str | None) -> Json:
    first = finding.first
    unit = first.unit if first else ""
    return {
        "id": finding.id,
        "title": finding.title,
        "status": finding.status.value,
        "value": _number(first.value, unit) if first else None,
        "unit": unit or None,
        "low": _number(first.low, unit) if first else None,
        "high": _number(first.high, unit) if first else None,
        "previous": _number(finding.previous, unit),
        "threshold": _threshold(first.threshold, unit) if first else None,
        "parts": [_part(part) for part in finding.parts],
        "window": _window(finding.window) if finding.window else None,
        "evidence_quality": finding.quality,
        "weak_because": list(finding.weak_because),
        "series": [{"month": month_label(month), "value": _number(value, unit)} for month, value in finding.series],
        "evidence": {name: _number(item.value, item.unit) for name, item in finding.evidence.items()},
        "summary": words.summary(finding, currency) or None,
        "reason": words.clean(finding.reason) or None,
        "notes": list(finding.notes),
        "why": finding.says.why,
        "advice": finding.says.advice,
        "to_ok": [_step(finding, step, currency) for step in finding.to_ok],
        "months_to_next_line": _number(finding.months_to_next_line),
        "waived": _waived(finding.waived),
    }


def _step(finding: Finding, step: Step, currency: str | None) -> Json:
    return {
        "part": step.part,
        "lever": step.lever,
        "amount": _number(step.amount.value, step.amount.unit) if step.amount else None,
        "unit": step.amount.unit if step.amount else None,
        "text": outlook.step_sentence(finding, step, currency),
    }


def _part(part: GradedPart) -> Json:
    return {
        "id": part.id,
        "title": part.title,
        "value": _number(part.value, part.unit),
        "unit": part.unit,
        "low": _number(part.low, part.unit),
        "high": _number(part.high, part.unit),
        "threshold": _threshold(part.threshold, part.unit),
        "status": part.status.value,
        "reason": part.reason or None,
    }


def _threshold(threshold: Threshold, unit: str) -> Json:
    return {
        "warning": _number(threshold.warning, unit),
        "critical": _number(threshold.critical, unit),
        "better": threshold.better,
    }


def _window(window: Window) -> Json:
    compared = None
    if window.compared_first is not None and window.compared_last is not None:
        compared = {"from": month_label(window.compared_first), "to": month_label(window.compared_last)}
    return {"from": month_label(window.first), "to": month_label(window.last), "compared_with": compared}


# ---- room to grow


def _headroom(headroom: Headroom, currency: str | None) -> Json:
    value, limit = headroom.value, headroom.limit
    return {
        "value": _number(value.value, value.unit) if value else None,
        "unit": value.unit if value else None,
        "limit": _number(limit.value, limit.unit) if limit else None,
        "bound_by": headroom.bound_by,
        "reason": outlook.room(headroom, currency) if value else headroom.reason,
    }


# ---- since the last run


def _since(since: Since) -> Json:
    """The day and the grade of the run compared with; what has turned since, and which other figures moved most."""
    return {
        "since": {"as_of": since.day.isoformat(), "grade": since.grade} if since.day else None,
        "changes": [_change(change) for change in since.changes],
        "moved_most": [_change(change) for change in since.moved],
    }


def _change(change: Change) -> Json:
    return {
        "check": change.check,
        "title": change.title,
        "from": change.before.value if change.before else None,
        "to": change.after.value,
        "from_value": _number(change.was, change.unit),
        "to_value": _number(change.now, change.unit),
        "unit": change.unit or None,
        "waiver_ended": change.waiver_ended,
    }


# ---- facts


def _facts(facts: Facts) -> Json:
    totals, known = facts.totals, facts.has_customers
    newest = month_number(facts.as_of)
    return {
        "totals": {
            "orders": totals.orders,
            "orders_with_customer": totals.orders_with_customer,
            "customers": totals.customers if known else None,
            "repeat_customers": totals.repeat_customers if known else None,
            "repeat_orders": totals.repeat_orders if known else None,
            "revenue": _money(totals.revenue),
            "refunds": _money(totals.refunds),
            "net_revenue": _money(totals.net_revenue),
            "first_day": totals.first_day.isoformat(),
            "last_day": totals.last_day.isoformat(),
        },
        "months": [_month(row, facts) for row in facts.months],
        "days": [
            {
                "day": row.day.isoformat(),
                "orders": row.orders,
                "net_revenue": _money(row.net_revenue),
                "new_customers": row.new_customers if known else None,
            }
            for row in facts.days
        ],
        "years": [
            {
                "to": month_label(row.to),
                "buyers": row.buyers,
                "orders_with_customer": row.orders_with_customer,
                "net_revenue": _money(row.net_revenue),
                "net_revenue_with_customer": _money(row.net_revenue_with_customer),
                "retained_revenue": _money(row.retained_revenue),
            }
            for row in facts.years
        ],
        "second_order": [_second_order(row) for row in facts.second_order if row.to == newest],
        "cohorts": [
            {
                "first_month": month_label(row.first_month),
                "age": row.age,
                "customers": row.customers,
                "net_revenue": _money(row.net_revenue),
            }
            for row in facts.cohorts
        ],
    }


def _month(row: Month, facts: Facts) -> Json:
    """One month; order figures are null before the first order's month, customer figures without customers."""
    orders = last_day(row.month) >= facts.totals.first_day and first_day(row.month) <= facts.as_of
    customers = orders and facts.has_customers
    return {
        "month": month_label(row.month),
        "orders": row.orders if orders else None,
        "revenue": _money(row.revenue) if orders else None,
        "refunds": _money(row.refunds) if orders else None,
        "net_revenue": _money(row.net_revenue) if orders else None,
        "active_customers": row.active_customers if customers else None,
        "new_customers": row.new_customers if customers else None,
        "returning_customers": row.returning_customers if customers else None,
        "repeat_orders": row.repeat_orders if customers else None,
        "repeat_revenue": _money(row.repeat_revenue) if customers else None,
        "orders_without_customer": row.orders_without_customer if orders else None,
        "headcount": _number(row.headcount),
        "hires": _number(row.hires),
        "leavers": _number(row.leavers),
        "newcomers": _number(row.newcomers),
        "payroll": _money(row.payroll),
        "bonus": _money(row.bonus),
        "training_hours": _number(row.training_hours),
        "training_spend": _money(row.training_spend),
        "locations": _number(row.locations),
        "cash_balance": _money(row.cash_balance),
        "financing": _money(row.financing),
        "net_burn": _money(row.net_burn),
        "company_revenue": _money(row.company_revenue),
        "gross_profit": _money(row.gross_profit),
        "cogs": _money(row.cogs),
        "marketing": _money(row.marketing),
        "inventory": _money(row.inventory),
        "planned_revenue": _money(row.planned_revenue),
    }


def _second_order(row: SecondOrder) -> Json:
    return {"group": row.group, "gap": row.gap, "at_risk": row.at_risk, "events": row.events}
