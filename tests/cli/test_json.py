"""The JSON that scripts live on: strict, complete, and enough to compute a finding again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .running import SAMPLES, TODAY, Call, Json, edited, findings, leaves, strict_json

CONTRACT = {
    "": "schema_version tool merchant currency timezone today as_of complete_to status grade verdict exit_code inputs "
    "subjects room_to_grow facts",
    "tool": "name version",
    "inputs.*": "role path format encoding delimiter columns rows_read rows_used rejected left_out notes first last",
    "inputs.*.left_out.*": "reason rows",
    "inputs.*.rejected.*": "reason rows lines",
    "subjects.*": "id title status grade findings",
    "subjects.*.findings.*": "id title status value unit low high previous threshold parts window evidence_quality "
    "weak_because series evidence summary reason why advice to_ok months_to_next_line",
    "subjects.*.findings.*.to_ok.*": "part lever amount unit text",
    "room_to_grow": "hires marketing locations",
    "room_to_grow.hires": "value unit limit bound_by reason",
    "subjects.*.findings.*.threshold": "warning critical better",
    "subjects.*.findings.*.parts.*": "id value unit threshold status",
    "subjects.*.findings.*.parts.*.threshold": "warning critical better",
    "subjects.*.findings.*.window": "from to compared_with",
    "subjects.*.findings.*.window.compared_with": "from to",
    "subjects.*.findings.*.series.*": "month value",
    "facts": "totals months days years second_order cohorts",
    "facts.totals": "orders orders_with_customer customers repeat_customers repeat_orders revenue refunds net_revenue "
    "first_day last_day",
    "facts.months.*": "month orders revenue refunds net_revenue active_customers new_customers returning_customers "
    "repeat_orders repeat_revenue orders_without_customer headcount hires leavers newcomers payroll bonus "
    "training_hours training_spend locations cash_balance financing net_burn company_revenue gross_profit cogs "
    "marketing inventory planned_revenue",
    "facts.days.*": "day orders net_revenue new_customers",
    "facts.years.*": "to buyers orders_with_customer net_revenue net_revenue_with_customer retained_revenue",
    "facts.second_order.*": "group gap at_risk events",
    "facts.cohorts.*": "first_month age customers net_revenue",
}
LATER = {"changes"}  # comes with --history
STATUSES = {"ok", "warning", "critical", "unknown", "skipped"}


def at(document: object, path: str) -> list[Json]:
    """The objects that a path leads to; * is every item of a list."""
    found = [document]
    for step in path.split(".") if path else []:
        found = (
            [item for value in found if isinstance(value, list) for item in value]
            if step == "*"
            else [value[step] for value in found if isinstance(value, dict) and value[step] is not None]
        )
    return [value for value in found if isinstance(value, dict)]


def keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for item in value.values() for key in keys(item)}
    return {key for item in value for key in keys(item)} if isinstance(value, list) else set()


@pytest.fixture
def over_hired(call: Call, tmp_path: Path) -> Json:
    """A story with something in every key: also a rejected row."""
    folder = SAMPLES / "over-hired"
    orders = edited(folder / "orders.csv", tmp_path / "orders.csv", 30, lambda row: row.replace("-", "?", 1))
    ran = call(
        "report", orders, "-c", folder / "config.yaml", "--staffing", folder / "staffing.csv", "--cash",
        folder / "cash.csv", "--format", "json",
    )  # fmt: skip
    assert ran.code == 2
    return ran.json


@pytest.mark.parametrize("path", CONTRACT)
def test_every_key_of_the_contract_is_there(over_hired: Json, path: str) -> None:
    found = at(over_hired, path)

    assert found
    for item in found:
        assert set(CONTRACT[path].split()) <= set(item)


def test_keys_of_later_issues_are_absent(over_hired: Json) -> None:
    assert not keys(over_hired) & LATER


def test_it_says_what_it_was_asked(over_hired: Json) -> None:
    assert over_hired["schema_version"] == 1
    assert over_hired["tool"]["name"] == "merchant-check"
    assert (over_hired["merchant"], over_hired["currency"]) == ("Northway Tailors", "EUR")
    assert (over_hired["today"], over_hired["as_of"], over_hired["complete_to"]) == (TODAY, "2026-10-31", "2026-10")
    assert [subject["id"] for subject in over_hired["subjects"]] == ["team", "customers", "cash"]
    assert {item["status"] for item in findings(over_hired).values()} <= STATUSES


def test_a_rejected_row_is_counted_with_its_line(over_hired: Json) -> None:
    orders = over_hired["inputs"][0]

    assert orders["rejected"] == [{"reason": "unreadable date", "rows": 1, "lines": [30]}]
    aside = sum(item["rows"] for item in orders["rejected"] + orders["left_out"])
    assert orders["rows_read"] == orders["rows_used"] + aside


def test_numbers_are_finite_and_money_has_four_decimals_at_most(over_hired: Json) -> None:
    numbers = [value for value in leaves(over_hired["facts"]) if isinstance(value, float)]

    assert numbers
    assert all(round(value, 4) == value for value in numbers)


def test_an_unjudged_report_is_strict_json_too(call: Call, thin_orders: Path) -> None:
    ran = call("report", thin_orders, "--format", "json")

    assert (ran.json["status"], ran.json["grade"], ran.json["exit_code"]) == ("unknown", "–", 3)
    assert ran.code == 3


def test_missing_inputs_are_null_not_zero(call: Call, orders: Path) -> None:
    months = call("report", orders, "--format", "json").json["facts"]["months"]

    assert {month["headcount"] for month in months} == {None}
    assert {month["cash_balance"] for month in months} == {None}


def test_facts_give_repeat_share_again(over_hired: Json) -> None:
    found = findings(over_hired)["repeat-share"]
    window = [
        month
        for month in over_hired["facts"]["months"]
        if found["window"]["from"] <= month["month"] <= found["window"]["to"]
    ]
    repeat = sum(month["repeat_orders"] for month in window)
    known = sum(month["orders"] - month["orders_without_customer"] for month in window)

    assert len(window) == 12
    assert found["value"] == pytest.approx(repeat / known, abs=1e-6)
    assert found["low"] < found["value"] < found["high"]


def test_facts_give_growth_pace_again(over_hired: Json) -> None:
    found = findings(over_hired)["growth-pace"]

    def orders_a_head(window: Json) -> float:
        months = [month for month in over_hired["facts"]["months"] if window["from"] <= month["month"] <= window["to"]]
        assert len(months) == 3
        orders, heads = (sum(month[name] for month in months) for name in ("orders", "headcount"))
        return float(orders / heads)

    change = orders_a_head(found["window"]) / orders_a_head(found["window"]["compared_with"]) - 1

    assert found["value"] == pytest.approx(change, abs=1e-6)


def test_totals_are_the_sum_of_the_months(over_hired: Json) -> None:
    totals, months = over_hired["facts"]["totals"], over_hired["facts"]["months"]

    for name in ("orders", "revenue", "refunds", "net_revenue"):
        assert sum(month[name] or 0 for month in months) == pytest.approx(totals[name], abs=1e-6)


def test_no_customer_is_named(over_hired: Json) -> None:
    assert not [text for text in leaves(over_hired) if isinstance(text, str) and re.search(r"\bC\d{4}\b", text)]


REFUSALS = {
    "no such file": (("nowhere.csv",), "nowhere.csv", None),
    "bad row": (("{broken}",), "{broken}", 3),
    "no files": ((), None, None),
    "no such check": (("x.csv", "--only", "nope"), None, None),
    "bad day": (("x.csv", "--as-of", "soon"), None, None),
}


@pytest.mark.parametrize(("arguments", "file", "line"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_an_error_object(
    call: Call, thin_orders: Path, tmp_path: Path, arguments: tuple[str, ...], file: str | None, line: int | None
) -> None:
    broken = edited(thin_orders, tmp_path / "broken.csv", 3, lambda row: row.replace("40.00", "forty"))

    ran = call("report", *(part.format(broken=broken) for part in arguments), "--format", "json")

    error = ran.json.pop("error")
    assert set(ran.json) == {"schema_version", "error"}
    assert set(error) == {"code", "message", "file", "line", "remedy"}
    assert re.fullmatch("[a-z0-9-]+", error["code"])
    assert (error["file"], error["line"]) == (file and file.format(broken=broken), line)
    assert error["message"] in ran.err
    assert error["remedy"] in ran.err
    assert ran.code == 3


def test_a_refusal_with_output_keeps_the_contract(call: Call, tmp_path: Path) -> None:
    ran = call("report", "nowhere.csv", "--format", "json", "--output", tmp_path / "card.json")

    assert strict_json(ran.out)["error"]["file"] == "nowhere.csv"
    assert not (tmp_path / "card.json").exists()
