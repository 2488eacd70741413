"""Real shops: the published data sets in ../shared/data, where they are at hand, against other computations of them."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from merchant_check.facts import Shop, month_label
from merchant_check.read.account import ReadSettings
from merchant_check.read.files import File
from merchant_check.render.json_v1 import render
from merchant_check.report import Finding, Report, Status
from merchant_check.review import Request, review

DATA = Path(__file__).parents[3] / "shared" / "data"
TODAY = date(2026, 10, 31)
SHARED_FIELDS = {
    "orders": "orders",
    "orders_no_customer": "orders_without_customer",
    "active_customers": "active_customers",
    "new_customers": "new_customers",
    "returning_customers": "returning_customers",
}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the data sets are not at hand (no folder {DATA})")


@cache
def reviewed(*names: str) -> Report:
    """The report on files of the data folder, each role told by its headers alone."""
    return review(Request([File(str(DATA / name), name) for name in names], ReadSettings(today=TODAY), Shop()))


@cache
def facts(*names: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render(reviewed(*names), exit_code=0), parse_float=Decimal)["facts"]
    return found


def oracle(name: str) -> Any:
    return json.loads((DATA / name / "oracle.json").read_text("utf-8"), parse_float=Decimal)


def finding(report: Report, check: str) -> Finding:
    return next(found for found in report.findings if found.id == check)


def cents(amount: Decimal | int) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"))


def assert_months(months: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    assert [row["month"] for row in months if row["orders"] is not None] == [row["m"] for row in expected]
    by_month = {row["month"]: row for row in months}
    for row in expected:
        found = by_month[row["m"]]
        assert {name: found[name] for name in SHARED_FIELDS.values()} == {
            ours: row[theirs] for theirs, ours in SHARED_FIELDS.items()
        }
        assert abs(cents(found["revenue"]) - row["revenue"]) <= Decimal("0.01")  # theirs is a sum of floats, rounded


# ---- AdventureWorks: orders by line item, a roster of survivors, a cash sheet that ends earlier

AW = ("adventureworks/orders.csv", "adventureworks/roster.csv", "adventureworks/cash_monthly.csv")


def test_adventureworks_roles_are_told_by_their_headers() -> None:
    roles = [(source.role, source.format) for source in reviewed(*AW).inputs]
    assert roles == [("orders", "generic orders"), ("staffing", "roster"), ("cash", "monthly sheet")]


def test_adventureworks_totals() -> None:
    totals, expected = facts(*AW)["totals"], oracle("adventureworks")
    assert totals["orders"] == totals["orders_with_customer"] == expected["orders"]
    assert totals["customers"] == expected["customers"]
    assert totals["repeat_customers"] == expected["repeat_customers_2plus_distinct_days"]
    assert cents(totals["revenue"]) == expected["total_revenue"]
    assert (totals["refunds"], totals["net_revenue"]) == (0, totals["revenue"])
    assert (totals["first_day"], totals["last_day"]) == ("2010-12-29", "2014-01-28")


def test_adventureworks_months() -> None:
    assert_months(facts(*AW)["months"], oracle("adventureworks")["per_month"])


def test_adventureworks_rows_are_all_used() -> None:
    orders = reviewed(*AW).inputs[0]
    assert (orders.rows_read, orders.rows_used) == (oracle("adventureworks")["extra"]["rows"],) * 2


def test_adventureworks_turnover_is_unknown_without_end_dates() -> None:
    report = reviewed(*AW)
    turnover = finding(report, "turnover")
    assert turnover.status is Status.UNKNOWN
    assert "no one has an end date" in turnover.reason
    assert report.facts.team_source == "survivors"


def test_adventureworks_cash_is_judged_where_the_cash_sheet_ends() -> None:
    report = reviewed(*AW)
    windows = [found.window for found in report.findings if found.subject == "cash" and found.window]
    assert windows
    assert {month_label(window.last) for window in windows} == {"2013-11"}
    assert report.complete_to is not None
    assert month_label(report.complete_to) == "2013-12"


def test_adventureworks_headcount_is_the_rosters_not_the_cash_sheets() -> None:
    months = {row["month"]: row for row in facts(*AW)["months"]}
    people = f"SELECT count(*) AS people FROM read_csv('{DATA / AW[1]}') WHERE HireDate <= DATE '2013-11-30'"
    with duckdb.connect() as db:
        assert records(db, people) == [{"people": months["2013-11"]["headcount"]}]
    assert months["2013-11"]["cash_balance"] == Decimal("5673584.54")
    assert months["2013-11"]["net_burn"] == Decimal("5802245.68") - Decimal("5673584.54")


# ---- UCI Online Retail: 541,909 lines with credit notes, guests and stock adjustments

UCI = "uci_online_retail/online_retail.csv.gz"
SQL = """
CREATE TABLE line AS
    SELECT InvoiceNo AS id, nullif(trim(CustomerID), '') AS customer, InvoiceDate::TIMESTAMP::DATE AS day,
        Quantity::BIGINT AS quantity, Quantity::BIGINT * UnitPrice::DECIMAL(18, 4) AS amount
    FROM read_csv($path, all_varchar = true);
CREATE TABLE sale AS
    SELECT id, min(day) AS day, max(customer) AS customer, sum(amount) AS amount
    FROM line WHERE quantity >= 0 GROUP BY id;
CREATE TABLE kept AS
    SELECT *, strftime(day, '%Y-%m') AS month FROM sale WHERE amount > 0 OR (amount = 0 AND customer IS NOT NULL);
CREATE TABLE refund AS
    SELECT day, strftime(day, '%Y-%m') AS month, -amount AS amount FROM line WHERE quantity < 0
    UNION ALL SELECT day, strftime(day, '%Y-%m'), -amount FROM sale WHERE amount < 0;
CREATE TABLE won AS
    SELECT customer, min(day) AS day, min(month) AS month FROM kept WHERE customer IS NOT NULL GROUP BY customer;
"""
MONTHS = """
SELECT month, count(*) AS orders, count(*) - count(customer) AS orders_without_customer, sum(amount) AS revenue,
    (SELECT sum(amount) FROM refund WHERE refund.month = kept.month) AS refunds,
    count(DISTINCT customer) AS active_customers,
    (SELECT count(*) FROM won WHERE won.month = kept.month) AS new_customers,
    count(*) FILTER (won.day < kept.day) AS repeat_orders,
    coalesce(sum(amount) FILTER (won.day < kept.day), 0) AS repeat_revenue
FROM kept LEFT JOIN won USING (customer) GROUP BY kept.month ORDER BY month
""".replace("SELECT month,", "SELECT kept.month AS month,")
TOTALS = """
SELECT count(*) AS orders, count(customer) AS orders_with_customer, count(DISTINCT customer) AS customers,
    (SELECT count(*) FROM (SELECT customer FROM kept WHERE customer IS NOT NULL
        GROUP BY customer HAVING count(DISTINCT day) > 1)) AS repeat_customers,
    sum(amount) AS revenue, (SELECT sum(amount) FROM refund) AS refunds,
    min(day)::VARCHAR AS first_day, max(day)::VARCHAR AS last_day
FROM kept
"""


@pytest.fixture(scope="module")
def uci() -> duckdb.DuckDBPyConnection:
    """The data set once more, in SQL."""
    connection = duckdb.connect()
    first, *others = SQL.split(";")
    connection.execute(first, {"path": str(DATA / UCI)})
    for statement in others:
        connection.execute(statement)
    return connection


def records(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    names = [name for name, *_ in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_uci_totals_equal_sql(uci: duckdb.DuckDBPyConnection) -> None:
    (expected,) = records(uci, TOTALS)
    assert {name: facts(UCI)["totals"][name] for name in expected} == expected


def test_uci_months_equal_sql(uci: duckdb.DuckDBPyConnection) -> None:
    expected = records(uci, MONTHS)
    found = [{name: row[name] for name in expected[0]} for row in facts(UCI)["months"]]
    assert found == expected
    assert len(found) == 13


def test_uci_cancellations_are_refunds_not_orders(uci: duckdb.DuckDBPyConnection) -> None:
    (cancelled,) = records(uci, "SELECT count(*) AS rows, -sum(amount) AS amount FROM line WHERE id LIKE 'C%'")
    assert cancelled["rows"] == oracle("uci_online_retail")[0]["raw_facts"]["cancel_rows"]
    assert records(uci, "SELECT id FROM kept WHERE id LIKE 'C%'") == []
    assert facts(UCI)["totals"]["refunds"] > cancelled["amount"] > 0


def test_uci_guests_are_in_revenue_but_no_customers() -> None:
    known, everyone, _ = oracle("uci_online_retail")
    totals, months = facts(UCI)["totals"], facts(UCI)["months"]
    free = totals["orders_with_customer"] - known["orders"]  # orders of amount 0, which the published rules drop
    assert free >= 0
    assert totals["orders"] - free == everyone["orders"]
    assert cents(totals["revenue"]) > everyone["total_revenue"] - 1
    assert totals["customers"] - known["customers"] <= free
    for row, expected in zip(months, everyone["per_month"], strict=True):
        assert abs(row["orders_without_customer"] - expected["orders_no_customer"]) <= free


def test_uci_net_revenue_is_the_sum_of_all_lines() -> None:
    """Orders and refunds together lose no line; only lines of amount 0 are set apart."""
    totals, raw = facts(UCI)["totals"], oracle("uci_online_retail")[0]["raw_facts"]
    assert totals["net_revenue"] == raw["sum_qty_x_price_all_rows"]
    (source,) = reviewed(UCI).inputs
    assert (source.rows_read, source.rejected) == (raw["rows"], ())


def test_uci_december_2011_is_not_judged() -> None:
    report = reviewed(UCI)
    assert report.complete_to is not None
    assert month_label(report.complete_to) == "2011-11"
    assert facts(UCI)["months"][-1]["month"] == "2011-12"
    windows = [found.window for found in report.findings if found.window]
    assert windows
    assert all(month_label(window.last) <= "2011-11" for window in windows)


def test_uci_two_exports_that_overlap_are_one(tmp_path: Path) -> None:
    """The published revenue of the two-year set counts 22,523 overlapping rows twice; here they count once."""
    files = []
    for name, when in (("first", "<= TIMESTAMP '2011-05-20'"), ("second", ">= TIMESTAMP '2011-05-10'")):
        path = tmp_path / f"{name}.csv"
        with duckdb.connect() as db:
            db.execute(
                f"COPY (SELECT * FROM read_csv('{DATA / UCI}', all_varchar = true) "
                f"WHERE InvoiceDate::TIMESTAMP {when}) TO '{path}' (HEADER)"
            )
        files.append(File(str(path), path.name))
    report = review(Request(files, ReadSettings(today=TODAY)))
    found = json.loads(render(report, exit_code=0), parse_float=Decimal)["facts"]
    assert found == facts(UCI)
    assert [item.reason for item in report.inputs[0].left_out].count("same order in another file") == 1


# ---- Microsoft dp-data: line items with a tax column; names that two people share

SALES = "ms_dp_sales/sales.csv"


def test_ms_dp_customers_are_e_mails_not_names() -> None:
    by_mail, by_name = oracle("ms_dp_sales")
    totals = facts(SALES)["totals"]
    assert (by_mail["customers"], by_name["customers"]) == (12_427, 12_387)
    assert totals["customers"] == by_mail["customers"]
    assert totals["repeat_customers"] == by_mail["repeat_customers_2plus_distinct_days"]


def test_ms_dp_totals_and_months_are_without_tax() -> None:
    by_mail, _ = oracle("ms_dp_sales")
    totals = facts(SALES)["totals"]
    assert totals["orders"] == by_mail["orders"]
    assert cents(totals["revenue"]) == by_mail["total_revenue"]
    assert_months(facts(SALES)["months"], by_mail["per_month"])


def test_ms_dp_names_as_customers_where_the_owner_says_so() -> None:
    _, by_name = oracle("ms_dp_sales")
    request = Request(
        [File(str(DATA / SALES), SALES)],
        ReadSettings(today=TODAY),
        columns={"orders": {"customer_id": "CustomerName"}},
    )
    assert review(request).facts.totals.customers == by_name["customers"]
