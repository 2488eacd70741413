"""Headers become fields and files become roles; what fits nothing says what it lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from merchant_check.read.recognise import Layout, assign

from .reading import HEADER, layouts, refusal, table

ORDERS = HEADER + "1,ann,2024-01-01,5\n"
STAFFING = "month,headcount\n2024-01,5\n"
ROSTER = "employee,start\nann,2024-01-01\n"
CASH = "month,cash_balance\n2024-01,5\n"
BOTH = "month,headcount,cash_balance\n2024-01,5,5\n"


def layout(folder: Path, header: str, columns: dict[str, str] | None = None, role: str = "orders") -> Layout:
    return layouts(folder, f"{header}\n", columns={role: columns or {}})[0]


# ---- fields


@pytest.mark.parametrize(
    "header",
    [
        "order_id,ordered_at,amount",
        "Order ID,Ordered At,Amount",
        "ORDER-ID, ordered at ,AMOUNT",
        "orderId,OrderedAt,amount",
        '"order.id","ordered/at","amount*"',
        "ｏｒｄｅｒ＿ｉｄ,ordered_at,amount",
        "order_id,Order Date,Total",
        "InvoiceNo,InvoiceDate,Amount",
        "SalesOrderNumber,OrderDate,SalesAmount",
    ],
)
def test_case_blanks_and_signs_of_a_header_do_not_count(tmp_path: Path, header: str) -> None:
    found = layout(tmp_path, header)
    assert found.role == "orders"
    assert [found.columns[name] for name in ("order_id", "ordered_at", "amount")] == [("c0",), ("c1",), ("c2",)]


def test_headers_are_reported_as_written(tmp_path: Path) -> None:
    found = layout(tmp_path, "Order ID,Order Date,Order Total,Buyer")
    assert dict(found.headers) == {"order_id": "Order ID", "ordered_at": "Order Date", "amount": "Order Total"}


def test_the_best_name_of_a_field_wins_wherever_it_stands(tmp_path: Path) -> None:
    found = layout(tmp_path, "revenue,total,amount,date,order_date,id,order_id")
    assert (found.headers["amount"], found.headers["ordered_at"]) == ("amount", "order_date")
    assert found.headers["order_id"] == "order_id"


@pytest.mark.parametrize(
    ("header", "shape"),
    [
        ("order_id,date,amount", "generic orders"),
        ("invoice,date,quantity,unit price", "generic line items"),
        ("invoice,date,quantity,unit price,amount", "generic orders"),
    ],
)
def test_an_orders_file_has_amounts_or_quantities_and_prices(tmp_path: Path, header: str, shape: str) -> None:
    assert layout(tmp_path, header).shape == shape


@pytest.mark.parametrize(
    ("header", "field", "name"),
    [
        ("order id,date,amount,E-Mail", "email", "E-Mail"),
        ("order id,date,amount,Buyer Email", "email", "Buyer Email"),
        ("order id,date,amount,CustomerKey", "customer_id", "CustomerKey"),
        ("order id,date,amount,Billing Phone", "phone", "Billing Phone"),
        ("order id,date,amount,Refunded Amount", "refund", "Refunded Amount"),
        ("order id,date,amount,Financial Status", "status", "Financial Status"),
        ("order id,date,amount,Currency Code", "currency", "Currency Code"),
    ],
)
def test_the_other_fields_of_orders_go_by_many_names(tmp_path: Path, header: str, field: str, name: str) -> None:
    assert layout(tmp_path, header).headers[field] == name


def test_a_column_the_owner_names_wins(tmp_path: Path) -> None:
    found = layout(tmp_path, "order_id,date,amount,Brutto", {"amount": "Brutto"})
    assert found.headers["amount"] == "Brutto"


def test_a_column_the_owner_names_may_differ_in_case_and_blanks(tmp_path: Path) -> None:
    found = layout(tmp_path, "order_id,date,Gross Value", {"amount": "gross_value"})
    assert found.headers["amount"] == "Gross Value"


def test_naming_the_customer_switches_the_other_customer_columns_off(tmp_path: Path) -> None:
    found = layout(tmp_path, "order_id,date,amount,email,Konto,phone", {"customer_id": "Konto"})
    assert found.headers["customer_id"] == "Konto"
    assert not {"email", "phone"} & set(found.columns)


def test_a_misspelt_column_gets_a_suggestion(tmp_path: Path) -> None:
    error = refusal(lambda: layout(tmp_path, "order_id,date,amount,Buyer Email", {"email": "Buyer Mail"}))
    assert error.code == "no-such-column"
    assert "columns.orders.email" in error.message
    assert error.remedy == "did you mean 'Buyer Email'?"


def test_a_column_that_is_like_no_other_gets_the_list(tmp_path: Path) -> None:
    error = refusal(lambda: layout(tmp_path, "order_id,date,amount", {"email": "Adresse"}))
    assert error.remedy == "its columns are order_id, date, amount"


@pytest.mark.parametrize("header", ["order_id,date,amount,Amount", "order_id,date,date,amount", "id,date,Date ,amount"])
def test_two_headers_for_one_field_are_refused(tmp_path: Path, header: str) -> None:
    error = refusal(lambda: layout(tmp_path, header))
    assert error.code == "duplicate-column"
    assert "twice" in error.message


def test_two_like_headers_that_mean_nothing_are_no_matter(tmp_path: Path) -> None:
    assert layout(tmp_path, "order_id,date,amount,Item Cost,Item Cost,,").role == "orders"


def test_settings_that_are_no_columns_go_along(tmp_path: Path) -> None:
    found = layout(tmp_path, "order_id,date,amount", {"rows": "line-amounts", "date_format": "DD/MM/YYYY"})
    assert dict(found.settings) == {"rows": "line-amounts", "date_format": "DD/MM/YYYY"}


# ---- roles


@pytest.mark.parametrize(
    ("content", "role", "shape"),
    [
        (ORDERS, "orders", "generic orders"),
        (STAFFING, "staffing", "monthly sheet"),
        ("Period,Team Size\n", "staffing", "monthly sheet"),
        (ROSTER, "staffing", "roster"),
        ("BusinessEntityID,JobTitle,HireDate,CurrentFlag\n", "staffing", "roster"),
        (CASH, "cash", "monthly sheet"),
        ("Month;Bank balance;Ad spend\n", "cash", "monthly sheet"),
    ],
)
def test_the_headers_tell_the_role(tmp_path: Path, content: str, role: str, shape: str) -> None:
    (found,) = layouts(tmp_path, content)
    assert (found.role, found.shape) == (role, shape)


def test_the_order_of_files_is_no_matter(tmp_path: Path) -> None:
    found = layouts(tmp_path, CASH, ROSTER, ORDERS)
    assert [entry.role for entry in found] == ["cash", "staffing", "orders"]


def test_a_sheet_with_headcount_and_cash_serves_both_roles(tmp_path: Path) -> None:
    assert [entry.role for entry in layouts(tmp_path, ORDERS, BOTH)] == ["orders", "staffing", "cash"]


@pytest.mark.parametrize(("other", "left"), [(STAFFING, "cash"), (ROSTER, "cash"), (CASH, "staffing")])
def test_it_serves_only_the_role_that_no_other_file_fills(tmp_path: Path, other: str, left: str) -> None:
    for contents in ((ORDERS, other, BOTH), (BOTH, ORDERS, other)):
        tables = [(table(tmp_path, content, f"{number}.csv"), None) for number, content in enumerate(contents)]
        served = {file.path: fit.role for file, fit in assign(tables, {})}
        assert len(served) == 3
        assert served[f"{contents.index(BOTH)}.csv"] == left


def test_a_forced_role_is_the_only_one(tmp_path: Path) -> None:
    served = assign([(table(tmp_path, BOTH), "cash")], {})
    assert [entry.role for _, entry in served] == ["cash"]


def test_a_file_forced_into_a_role_it_does_not_fit_is_refused(tmp_path: Path) -> None:
    error = refusal(lambda: assign([(table(tmp_path, STAFFING, "team.csv"), "cash")], {}))
    assert error.code == "no-role"
    assert "can't serve as the cash file" in error.message
    assert "no column for the cash balance" in error.message


@pytest.mark.parametrize(
    ("header", "role", "lacking"),
    [
        ("order id,amount,name", "orders", "order date"),
        ("order id,date,gross", "orders", "amount"),
        ("date,amount", "orders", "order id"),
        ("month,people on board", "staffing", "headcount"),
        ("headcount,marketing", "staffing", "month"),
    ],
)
def test_a_file_that_fits_nothing_says_what_the_nearest_role_lacks(
    tmp_path: Path, header: str, role: str, lacking: str
) -> None:
    error = refusal(lambda: layout(tmp_path, header))
    assert error.code == "no-role"
    assert f"nearest is {role}" in error.message
    assert f"no column for the {lacking} " in error.message
    assert header.replace(",", ", ") in error.message
    assert f"columns.{role}." in error.remedy


def test_a_stray_quote_in_the_header_is_refused(tmp_path: Path) -> None:
    error = refusal(lambda: layouts(tmp_path, 'order_id,"ordered_at,amount\n1,2024-01-01,5\n'))
    assert error.where is not None
    assert error.where.line == 1


def test_control_characters_of_a_header_are_not_echoed(tmp_path: Path) -> None:
    error = refusal(lambda: layout(tmp_path, "order id,\x1b[31mdate,amount\u202e"))
    assert "\x1b" not in str(error)
    assert "\u202e" not in str(error)
