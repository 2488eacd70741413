"""Headers become fields and files become roles; what fits nothing says what it lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from merchant_check.read.recognise import Layout, assign

from .reading import HEADER, customers, fingerprints, layouts, read, refusal, table

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


# ---- known exports

SHOPIFY = "Name,Email,Created at,Subtotal,Shipping,Taxes,Total,Id"
SQUARE = "Date,Gross Sales,Net Sales,Total Collected,Transaction ID,Event Type"


def test_an_export_is_known_by_all_of_its_signs(tmp_path: Path) -> None:
    assert layout(tmp_path, SHOPIFY).format == "Shopify orders"
    assert layout(tmp_path, SHOPIFY.replace("Taxes", "Tax")).format == "generic orders"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (SQUARE, "Square transactions"),
        (f"{SQUARE},Item,Qty", "Square items"),
        (f"Item,Qty,{SQUARE}", "Square items"),
        (f"{SQUARE},Item", "Square transactions"),
    ],
)
def test_of_several_exports_the_one_with_the_most_signs_is_meant(tmp_path: Path, header: str, name: str) -> None:
    assert layout(tmp_path, header).format == name


def test_an_export_says_which_columns_count(tmp_path: Path) -> None:
    found = layout(tmp_path, f"{SHOPIFY},Phone,Billing Phone,amount,order date")
    assert (found.headers["amount"], found.headers["ordered_at"]) == ("Total", "Created at")
    assert found.columns["phone"] == ("c8", "c9")
    assert found.headers["phone"] == "Phone, Billing Phone"


def test_without_an_id_the_orders_name_is_its_id(tmp_path: Path) -> None:
    found = layout(tmp_path, SHOPIFY.removesuffix(",Id"))
    assert found.headers["order_id"] == "Name"
    assert not found.has("order_name")


def test_of_several_columns_the_first_that_is_filled_counts_row_by_row(tmp_path: Path) -> None:
    text = f"{SHOPIFY},Phone,Billing Phone\n" + "".join(
        f"#{number},,2024-01-0{number},5,0,0,5,{number},{phones}\n"
        for number, phones in enumerate(("12,34", ",34", " ,'56", ","), 1)
    )
    assert customers(read(tmp_path, text)) == fingerprints("phone 12", "phone 34", "phone 56", None)


def test_a_column_the_owner_names_wins_over_the_exports(tmp_path: Path) -> None:
    found = layout(tmp_path, f"{SHOPIFY},Gross", {"amount": "Gross"})
    assert (found.format, found.headers["amount"]) == ("Shopify orders", "Gross")
    found = layout(tmp_path, f"{SHOPIFY},Konto", {"customer_id": "Konto"})
    assert not found.has("email")


def test_a_status_the_owner_names_is_the_only_one(tmp_path: Path) -> None:
    header = f"{SHOPIFY},Financial Status,Cancelled at,Fate"
    assert [state.column for state in layout(tmp_path, header).states] == ["c8", "c9"]
    assert [state.column for state in layout(tmp_path, header, {"status": "Fate"}).states] == ["c10"]


def test_a_column_that_an_export_has_twice_is_refused(tmp_path: Path) -> None:
    assert refusal(lambda: layout(tmp_path, f"{SHOPIFY},Total")).code == "duplicate-column"
    header = "amazon-order-id,purchase-date,order-status,item-price,shipping-price,shipping-price"
    error = refusal(lambda: layout(tmp_path, header))
    assert (error.code, "which one is the amount" in error.remedy) == ("duplicate-column", True)


WALLET = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号"
CARD = "交易日,银行记账日,卡号后四位,存入,支出"


@pytest.mark.parametrize(
    ("header", "why"), [(WALLET, "a wallet's list of payments"), (CARD, "a credit card's statement")]
)
@pytest.mark.parametrize("role", [None, "cash"])
def test_wallets_and_cards_are_refused_by_what_they_are(
    tmp_path: Path, header: str, why: str, role: str | None
) -> None:
    error = refusal(lambda: assign([(table(tmp_path, f"{header}\n", "bill.csv"), role)], {}))
    assert (error.code, why in error.message) == ("no-use", True)
    assert "pass the bank account's statement" in error.remedy


def test_a_wallet_that_the_owner_explains_is_read(tmp_path: Path) -> None:
    named = {"booked_on": "交易时间", "booked_amount": "金额(元)", "balance": "余额"}
    (found,) = layouts(tmp_path, f"{WALLET},余额\n", columns={"cash": named})
    assert (found.role, found.shape) == ("cash", "bank statement")


# ---- orders or bookings


def test_amounts_with_a_running_balance_may_be_orders_or_bookings(tmp_path: Path) -> None:
    text = "id,date,description,amount,balance\n1,2024-01-01,x,5,5\n"
    error = refusal(lambda: layouts(tmp_path, text))
    assert (error.code, "--orders" in error.remedy, "--cash" in error.remedy) == ("two-roles", True, True)
    for role, shape in (("orders", "generic orders"), ("cash", "bank statement")):
        ((_, found),) = assign([(table(tmp_path, text), role)], {})
        assert found.shape == shape


@pytest.mark.parametrize(
    "header", ["date,description,amount,balance", "Date,Money in,Money out,Balance", "Buchungstag;Betrag;Saldo"]
)
def test_bookings_without_an_id_are_a_statement(tmp_path: Path, header: str) -> None:
    (found,) = layouts(tmp_path, f"{header}\n")
    assert (found.role, found.shape.split(",")[0]) == ("cash", "bank statement")


def test_a_known_statement_with_an_id_is_no_orders_file(tmp_path: Path) -> None:
    (found,) = layouts(tmp_path, "Transaction ID,Date,Type,Name,Emoji,Category,Amount,Balance\n")
    assert (found.role, found.format) == ("cash", "Monzo")


# ---- odd headers


def test_a_stray_quote_in_the_header_is_refused(tmp_path: Path) -> None:
    error = refusal(lambda: layouts(tmp_path, 'order_id,"ordered_at,amount\n1,2024-01-01,5\n'))
    assert error.where is not None
    assert error.where.line == 1


def test_control_characters_of_a_header_are_not_echoed(tmp_path: Path) -> None:
    error = refusal(lambda: layout(tmp_path, "order id,\x1b[31mdate,amount\u202e"))
    assert "\x1b" not in str(error)
    assert "\u202e" not in str(error)
