"""The JSON Schema of the JSON report and of a refusal, schema version 1: every key that is ever written, described."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from merchant_check.report import Status

DRAFT = "https://json-schema.org/draft/2020-12/schema"

Json = dict[str, Any]


def report_schema() -> Json:
    """The schema of what --format json prints: a report, or why there is none.

    Keys that it does not know are lawful, since later versions add some; those it requires are always there.
    """
    return {"$schema": DRAFT, "title": "A report of merchant-check, schema version 1", "anyOf": [_report(), _refusal()]}


# ---- words of the schema


def _text(meaning: str) -> Json:
    return {"description": meaning, "type": "string"}


def _word(meaning: str, *words: str) -> Json:
    return {**_text(meaning), "enum": list(words)}


def _day(meaning: str) -> Json:
    return {**_text(meaning), "format": "date"}


def _month(meaning: str) -> Json:
    return {**_text(meaning), "pattern": "^[0-9]{4}-[0-9]{2}$"}


def _number(meaning: str) -> Json:
    return {"description": meaning, "type": "number"}


def _count(meaning: str) -> Json:
    return {"description": meaning, "type": "integer", "minimum": 0}


def _list(meaning: str, of: Json) -> Json:
    return {"description": meaning, "type": "array", "items": of}


def _map(meaning: str, of: Json) -> Json:
    return {"description": meaning, "type": "object", "additionalProperties": of}


def _block(meaning: str, keys: dict[str, Json], sometimes: dict[str, Json] | None = None) -> Json:
    """`keys` are always there, `sometimes` only in some reports."""
    described = {**keys, **(sometimes or {})}
    return {"description": meaning, "type": "object", "properties": described, "required": list(keys)}


def _or_null(of: Json) -> Json:
    words = {"enum": [*of["enum"], None]} if "enum" in of else {}
    return {**of, "type": [of["type"], "null"], **words}


def _nullable(make: Callable[[str], Json], keys: dict[str, str]) -> dict[str, Json]:
    """Several keys of one kind, each with its meaning, that are null where they are not known."""
    return {name: _or_null(make(meaning)) for name, meaning in keys.items()}


# ---- the report


def _status(of: str, *words: Status) -> Json:
    return _word(
        f"How {of} stands; unknown: given, but not enough to judge; skipped: not given, or switched off",
        *(words or Status),
    )


def _grade(of: str) -> Json:
    return _word(f"The grade of {of}; – where nothing could be judged", "A", "B", "C", "D", "F", "–")


def _report() -> Json:
    return _block(
        "A report: money in units of the currency, shares and changes as fractions (0.25 is 25 %)",
        {
            "schema_version": _version(),
            "tool": _block("What wrote it", {"name": _text("merchant-check"), "version": _text("Its version")}),
            "merchant": _or_null(_text("The shop's name, from the config")),
            "currency": _or_null(_text("The currency of all money, a code of three letters")),
            "timezone": _or_null(_text("Where the shop's day begins, from the config")),
            "today": _day("The day on which the report was made"),
            "as_of": _day("The last day that was looked at"),
            "complete_to": _or_null(_month("The last month of complete orders, as far as anything is judged")),
            "status": _status("the shop"),
            "grade": _grade("the shop, which is that of its worst subject"),
            "verdict": _word(
                "The whole in a word", "in step", "watch", "act", "over-expanding", "shrinking", "not judged"
            ),
            "headline": _text("What runs ahead of what, in a sentence"),
            "exit_code": {
                "description": "What the command exits with: 0 nothing reached fail_on, 1 warning, 2 critical, "
                "3 not judged",
                "enum": [0, 1, 2, 3],
            },
            "inputs": _list("How each file was read", _input()),
            "subjects": _list("Team, customers and cash, always in this order", _subject()),
            "room_to_grow": _room(),
            "facts": _facts(),
        },
        _since(),
    )


def _refusal() -> Json:
    return _block(
        "Why there is no report; the exit code is 3",
        {
            "schema_version": _version(),
            "error": _block(
                "The first mistake; stderr has them all",
                {
                    "code": _text("What kind of mistake it is: a word that stays the same, for scripts"),
                    "message": _text("What is wrong"),
                    "file": _or_null(_text("The file it is about")),
                    "line": _or_null(_count("The line of the file, from 1")),
                    "remedy": _text("What to do about it"),
                },
            ),
        },
    )


def _version() -> Json:
    return {"description": "Goes up when a key changes its meaning; keys are only ever added", "const": 1}


# ---- inputs


def _input() -> Json:
    rows = {"reason": _text("Why they were not used"), "rows": _count("How many rows")}
    lines = _list("Where the first few of them stand", _count("A line of the file, from 1"))
    return _block(
        "A file; rows_read is the sum of rows_used, rejected and left_out",
        {
            "role": _word("What it was read for", "orders", "staffing", "cash"),
            "path": _text("Its path as it was given"),
            "format": _text("The export or the layout that was recognised"),
            "encoding": _text("The encoding of its letters"),
            "delimiter": _or_null(_text("The sign between fields; null where there is none, as in Parquet")),
            "header_line": _count("The line its header stands in, from 1"),
            "columns": _map("Which header was taken for which field", _text("The header in the file")),
            "conventions": _list(
                "How its dates and amounts are written",
                _block(
                    "One of them",
                    {
                        "what": _text("The field, or the amounts"),
                        "how": _text("How it is written"),
                        "settled_by": _text("What settled that"),
                    },
                ),
            ),
            "rows_read": _count("Rows in the file"),
            "rows_used": _count("Rows that the figures rest on"),
            "rejected": _list("Rows that could not be read", _block("By reason", {**rows, "lines": lines})),
            "left_out": _list("Rows left out on purpose, such as cancelled orders", _block("By reason", rows)),
            "notes": _list("What else is worth knowing of the file", _text("A note")),
            "first": _or_null(_day("The first day in it")),
            "last": _or_null(_day("The last day in it")),
            "freshness": _or_null(
                _block(
                    "How old its newest data is",
                    {
                        "days_old": {"description": "Days from its last day to today", "type": "integer"},
                        "status": _status("its age", Status.OK, Status.WARNING),
                    },
                )
            ),
        },
    )


# ---- subjects and findings


def _subject() -> Json:
    return _block(
        "One of the three subjects",
        {
            "id": _word("Which it is", "team", "customers", "cash"),
            "title": _text("Its title"),
            "status": _status("the subject"),
            "grade": _grade("the subject"),
            "findings": _list("What its checks found, in the order of the report", _finding()),
        },
    )


def _finding() -> Json:
    return _block(
        "What one check found; value, unit, low, high and threshold are those of its first part",
        {
            "id": _text("The check, such as growth-pace; merchant-check explain tells all about it"),
            "title": _text("The check's title"),
            "status": _status("the finding, which is its worst part,"),
            **_figure(),
            "unit": _or_null(_unit()),
            "threshold": _or_null(_threshold()),
            "previous": _or_null(_number("The same figure as judged three months earlier")),
            "parts": _list("The check's figures, each graded; empty where none could be measured", _part()),
            "window": _or_null(
                _block(
                    "The months it was taken over, both included",
                    {**_span(), "compared_with": _or_null(_block("The months it is compared with", _span()))},
                )
            ),
            "evidence_quality": _or_null(
                _word("Weak or estimated evidence is never critical", "full", "weak", "estimated")
            ),
            "weak_because": _list("What makes the evidence weak", _text("A reason")),
            "series": _list(
                "The figure as judged at each of the last month-ends",
                _block("One of them", {"month": _month("The month"), "value": _or_null(_number("Its figure"))}),
            ),
            "evidence": _map("The numbers that the summary speaks of, by name", _or_null(_number("One of them"))),
            "summary": _or_null(_text("What was found, in a sentence; null where there is nothing to say")),
            "reason": _or_null(_text("Why it was not judged, or not judged worse")),
            "notes": _list("What else is worth knowing of the finding", _text("A note")),
            "why": _text("Why it matters"),
            "advice": _text("What to do"),
            "to_ok": _list(
                "What would turn it; those of one part are alternatives, and each part that is not ok needs one",
                _step(),
            ),
            "months_to_next_line": _or_null(
                _number("In how many months its first figure crosses its next line at the present pace, within a year")
            ),
            "waived": _or_null(
                _block(
                    "Known and accepted, so that the exit code passes it over",
                    {"until": _day("The last day of that"), "reason": _text("Why, from the config")},
                )
            ),
        },
    )


def _step() -> Json:
    return _block(
        "The smallest change of one lever that brings a figure back to its line",
        {
            "part": _text("The figure, as in parts"),
            "lever": _text("What to change, such as people, orders, burn, marketing or stock"),
            "amount": _or_null(_number("By how much; null where twice, or none, of it would not be enough")),
            "unit": _or_null(_unit()),
            "text": _text("The change in words; where the amount is null, what happened instead"),
        },
    )


def _room() -> Json:
    steps = {
        "hires": "People more on the team",
        "marketing": "Money more for marketing in each of the three months",
        "locations": "Locations more",
    }
    return _block(
        "The largest steps of the next three months that turn no check; merchant-check explain room-to-grow tells how",
        {name: _headroom(meaning) for name, meaning in steps.items()},
    )


def _headroom(meaning: str) -> Json:
    return _block(
        meaning,
        {
            "value": _or_null(_number("The largest step; null where it is not known")),
            "unit": _or_null(_text("people, money or locations")),
            "limit": _or_null(_number("What was tried at most: as much again as today")),
            "bound_by": _or_null(_text("The check that a larger step turns; null where none does up to the limit")),
            "reason": _text("The same in words, or why it is not known"),
        },
    )


def _part() -> Json:
    return _block(
        "One figure of a check",
        {
            "id": _text("Its name in the config, below its check"),
            "title": _text("What it is"),
            "status": _status("it"),
            **_figure(),
            "unit": _unit(),
            "threshold": _threshold(),
            "reason": _or_null(_text("Why it was not judged, or not judged worse")),
        },
    )


def _figure() -> dict[str, Json]:
    return _nullable(
        _number,
        {
            "value": "The figure; null where there is none",
            "low": "The lower end of its 95 % interval, where it has one",
            "high": "The upper end of its 95 % interval, where it has one",
        },
    )


def _unit() -> Json:
    return _text("What value is counted in, such as share, change, points, months, days, multiple or money")


def _threshold() -> Json:
    lines = {"warning": "Beyond it there is a warning", "critical": "Beyond it the figure is critical"}
    return _block(
        "The lines in force; exactly at a line is still good, and a line that is null is never crossed",
        {**_nullable(_number, lines), "better": _word("Which values are the good ones", "higher", "lower")},
    )


def _span() -> dict[str, Json]:
    return {"from": _month("The first month"), "to": _month("The last month")}


# ---- since the last run


def _since() -> dict[str, Json]:
    """The keys of a report with a history."""
    compared = {"as_of": _day("The last day that it looked at"), "grade": _or_null(_grade("the shop then"))}
    return {
        "since": _or_null(_block("The run compared with; null where there is none", compared)),
        "changes": _list("What has turned since", _change()),
        "moved_most": _list("The other figures that moved most", _change()),
    }


def _change() -> Json:
    return _block(
        "A check, or the age of an input, then and now",
        {
            "check": _text("The check, or the input"),
            "title": _text("Its title"),
            "from": _or_null(_word("How it stood then; null where it was not in that run", *Status)),
            "to": _status("it"),
            **_nullable(_number, {"from_value": "Its figure then", "to_value": "Its figure now"}),
            "unit": _or_null(_unit()),
            "waiver_ended": {"description": "It was waived then and counts again", "type": "boolean"},
        },
    )


# ---- facts


def _facts() -> Json:
    return _block(
        "The figures that the checks used, null where an input is missing: every finding can be worked out again",
        {
            "totals": _totals(),
            "months": _list("Month by month, from the first that any input has", _of_a_month()),
            "days": _list("Day by day, from the first order to as_of", _of_a_day()),
            "years": _list("The twelve months that end with each month", _of_a_year()),
            "second_order": _list("When first-time buyers come back, for a Kaplan-Meier estimate", _of_a_gap()),
            "cohorts": _list("Customers by the month of their first order", _of_a_cohort()),
        },
    )


NET = "Revenue less refunds"


def _totals() -> Json:
    customers = {
        "customers": "Customers",
        "repeat_customers": "Customers with more than one order",
        "repeat_orders": "Orders of customers who had bought before",
    }
    return _block(
        "All orders up to as_of",
        {
            "orders": _count("Orders"),
            "orders_with_customer": _count("Orders whose customer is known"),
            **_nullable(_count, customers),
            "revenue": _number("Revenue before refunds"),
            "refunds": _number("Refunds"),
            "net_revenue": _number(NET),
            "first_day": _day("The day of the first order"),
            "last_day": _day("The day of the last order"),
        },
    )


def _of_a_month() -> Json:
    counts = {
        "orders": "Orders; with all other order figures null outside the orders' days",
        "active_customers": "Customers with an order",
        "new_customers": "Customers with their first-ever order",
        "returning_customers": "Customers who had bought in an earlier month: active less new",
        "repeat_orders": "Orders of customers who had bought before",
        "orders_without_customer": "Orders whose customer is not known",
    }
    sums = {
        "revenue": "Revenue before refunds",
        "refunds": "Refunds",
        "net_revenue": NET,
        "repeat_revenue": "Revenue of orders of customers who had bought before",
        "headcount": "People in the team",
        "hires": "People who joined",
        "leavers": "People who left",
        "newcomers": "People who joined in the last six months",
        "payroll": "Wages and salaries",
        "bonus": "Bonuses",
        "training_hours": "Hours of training",
        "training_spend": "Money spent on training",
        "locations": "Sites, stores or offices",
        "cash_balance": "Money at the month's end",
        "financing": "Loans and capital that came in",
        "net_burn": "Money lost in the month, financing aside",
        "company_revenue": "Revenue by the books",
        "gross_profit": "Gross profit",
        "cogs": "Cost of the goods sold",
        "marketing": "Money spent on marketing",
        "inventory": "Stock at cost, at the month's end",
        "planned_revenue": "Planned net revenue",
    }
    return _block("One month", {"month": _month("Which one"), **_nullable(_count, counts), **_nullable(_number, sums)})


def _of_a_day() -> Json:
    return _block(
        "One day",
        {
            "day": _day("Which one"),
            "orders": _count("Orders"),
            "net_revenue": _number(NET),
            "new_customers": _or_null(_count("Customers with their first-ever order")),
        },
    )


def _of_a_year() -> Json:
    return _block(
        "Twelve months",
        {
            "to": _month("The last of them"),
            "buyers": _count("Customers with an order"),
            "orders_with_customer": _count("Orders whose customer is known"),
            "net_revenue": _number(NET),
            "net_revenue_with_customer": _number("That of orders whose customer is known"),
            "retained_revenue": _or_null(_number("That of customers who had also bought in the twelve months before")),
        },
    )


def _of_a_gap() -> Json:
    return _block(
        "New customers so many days after their first order",
        {
            "group": _word("When they first ordered: peak is the ten best days of the year", "all", "peak", "other"),
            "gap": _count("Days since the first order"),
            "at_risk": _count("Customers who had not come back before that day, and were seen for as long"),
            "events": _count("Customers who came back on that day"),
        },
    )


def _of_a_cohort() -> Json:
    return _block(
        "One cohort in one later month",
        {
            "first_month": _month("The month of their first order"),
            "age": _count("Months since"),
            "customers": _count("How many there are in all"),
            "net_revenue": _number("What they bought in that month, less refunds"),
        },
    )
