"""Every known export: a fixture with the vendor's header and quirks gives the figures worked out by hand beside it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from merchant_check.facts import MINOR, month_label
from merchant_check.read.account import ReadSettings
from merchant_check.read.files import File
from merchant_check.read.formats import formats
from merchant_check.report import Input, Report, SetAside
from merchant_check.review import Request, review

HERE = Path(__file__).parent
FIXTURES = sorted(path.parent.name for path in HERE.glob("*/expected.yaml"))
MONEY = {"revenue", "refunds", "net_revenue", "cash_balance", "financing", "payroll", "marketing", "inventory", "cogs"}
MONEY |= {"company_revenue", "gross_profit"}
OTHER_ORDERS = HERE / "orders-to-june.csv"


def expected(slug: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((HERE / slug / "expected.yaml").read_text("utf-8"))
    return loaded


def reviewed(slug: str, wanted: dict[str, Any]) -> Report:
    """The report on the fixture; staffing and cash files stand beside orders of January to June 2025."""
    data = next(path for path in (HERE / slug).iterdir() if path.name != "expected.yaml")
    files = [File(str(data), data.name)]
    if wanted["role"] != "orders":
        files.append(File(str(OTHER_ORDERS), OTHER_ORDERS.name))
    options = {wanted["role"]: {key: str(value) for key, value in wanted.get("options", {}).items()}}
    return review(Request(files, ReadSettings(today=date(2026, 1, 1)), columns=options))


def set_aside(items: tuple[SetAside, ...]) -> dict[str, int]:
    return {item.reason: item.rows for item in items}


def in_units(figures: dict[str, Any], noun: object) -> dict[str, Any]:
    """The noun's figures under the names that are expected, money in units of the currency."""
    found = {name: getattr(noun, name) for name in figures}
    return {name: value / MINOR if name in MONEY and value is not None else value for name, value in found.items()}


@pytest.mark.parametrize("slug", FIXTURES)
def test_the_figures_are_those_worked_out_by_hand(slug: str) -> None:
    wanted = expected(slug)
    report = reviewed(slug, wanted)
    source: Input = next(source for source in report.inputs if source.role == wanted["role"])
    assert source.format == wanted["format"]
    assert set_aside(source.rejected) == wanted["rejected"]
    assert set_aside(source.left_out) == wanted["left_out"]
    assert (source.rows_read, source.rows_used) == (wanted["rows_read"], wanted["rows_used"])
    months = {month_label(month.month): month for month in report.facts.months}
    for label, figures in wanted["months"].items():
        assert in_units(figures, months[str(label)]) == pytest.approx(figures), label
    if totals := wanted.get("totals"):
        assert in_units(totals, report.facts.totals) == pytest.approx(totals)


def test_every_known_export_has_a_fixture() -> None:
    shown = {expected(slug)["format"] for slug in FIXTURES}
    known = {export.get("name", name) for name, export in formats()["exports"].items() if "refuse" not in export}
    assert known - shown == WITHOUT_FIXTURE


WITHOUT_FIXTURE: set[str] = set()
