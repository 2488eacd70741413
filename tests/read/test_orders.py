"""Rows become orders and refunds: an order counts once, at what the customer paid, on its day."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from .reading import (
    HEADER,
    amounts,
    count,
    customers,
    days,
    fingerprints,
    ledger,
    lines,
    read,
    reasons,
    refunds,
    refusal,
    revenue,
)

ITEMS = "order_id,customer_id,ordered_at,amount,sku\n"
PRICED = "invoice,customer_id,date,quantity,unit_price\n"
STATUS = "order_id,customer_id,ordered_at,amount,status\n"
REFUND = "order_id,customer_id,ordered_at,amount,refund,status\n"
CURRENCY = "order_id,customer_id,ordered_at,amount,currency\n"
LAST = "99,zoe,2024-12-31,1\n"


# ---- one row an order


def test_a_row_is_an_order(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + "1,ann,2024-01-01,5\n2,bob,2024-01-03,6.50\n")
    assert list(ledger(found).select("day", "orders", "revenue", "refund").iter_rows()) == [
        (date(2024, 1, 1), 1, 50_000, 0),
        (date(2024, 1, 3), 1, 65_000, 0),
    ]
    assert customers(found) == fingerprints("ann", "bob")
    assert found.as_of == date(2024, 1, 3)
    (source,) = found.inputs
    assert (source.rows_read, source.rows_used, source.left_out, source.rejected) == (2, 2, (), ())
    assert (source.first, source.last) == (date(2024, 1, 1), date(2024, 1, 3))
    assert source.columns == {name: name for name in ("order_id", "customer_id", "ordered_at", "amount")}


def test_the_order_of_rows_is_no_matter_for_as_of(tmp_path: Path) -> None:
    assert read(tmp_path, HEADER + "2,bob,2024-01-03,6\n1,ann,2024-01-01,5\n").as_of == date(2024, 1, 3)


def test_identical_rows_count_once_and_are_told(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + "1,ann,2024-01-01,5\n1,ann,2024-01-01,5\n2,bob,2024-01-02,6\n1,ann,2024-01-01,5\n")
    assert (count(found), revenue(found)) == (2, 11)
    assert lines(found.inputs[0].left_out) == {"identical duplicate": (3, 5)}
    assert reasons(found.inputs[0].left_out) == {"identical duplicate": 2}


@pytest.mark.parametrize(
    "second", ["1,ann,2024-01-01,6", "1,bob,2024-01-01,5", "1,ann,2024-01-02,5", "1,bob,2024-02-02,7"]
)
def test_one_id_on_two_different_rows_is_asked_about(tmp_path: Path, second: str) -> None:
    error = refusal(lambda: read(tmp_path, f"{HEADER}1,ann,2024-01-01,5\n2,bob,2024-01-02,6\n{second}\n"))
    assert error.code == "unclear-rows"
    assert "'1'" in error.message
    assert "lines 2, 4" in error.message
    assert "columns.orders.rows" in error.remedy
    assert all(mode in error.remedy for mode in ("one-per-order", "total-repeated", "line-amounts"))


# ---- several rows an order


def test_a_total_on_the_first_row_only_counts_once(tmp_path: Path) -> None:
    text = ITEMS + "1,ann,2024-01-01,5,x\n1,,2024-01-01,,y\n1,,2024-01-01,,y\n2,bob,2024-01-02,6,x\n"
    found = read(tmp_path, text)
    assert (amounts(found), customers(found)) == ([5, 6], fingerprints("ann", "bob"))
    assert found.inputs[0].rows_used == 4


def test_the_same_total_on_every_row_counts_once(tmp_path: Path) -> None:
    text = ITEMS + "".join(
        f"{day},ann,2024-01-0{day},{day},x\n{day},ann,2024-01-0{day},{day},y\n" for day in range(1, 6)
    )
    found = read(tmp_path, text)
    assert amounts(found) == [1, 2, 3, 4, 5]
    assert found.inputs[0].rows_used == 10


def test_different_amounts_on_the_rows_are_added_up(tmp_path: Path) -> None:
    found = read(tmp_path, ITEMS + "1,ann,2024-01-01,5,x\n1,ann,2024-01-01,6,y\n2,bob,2024-01-02,6,x\n")
    assert amounts(found) == [11, 6]


def test_identical_line_items_are_kept_and_noted(tmp_path: Path) -> None:
    found = read(tmp_path, ITEMS + "1,ann,2024-01-01,5,x\n1,ann,2024-01-01,6,y\n1,ann,2024-01-01,5,x\n")
    assert amounts(found) == [16]
    assert any(re.match("1 identical row.* kept", note) for note in found.inputs[0].notes)


def test_a_few_orders_that_repeat_one_amount_are_asked_about(tmp_path: Path) -> None:
    """Two items at one price, or a total said twice: four such orders may be chance."""
    text = ITEMS + "".join(f"{day},ann,2024-01-0{day},5,x\n{day},ann,2024-01-0{day},5,y\n" for day in range(1, 5))
    assert refusal(lambda: read(tmp_path, text)).code == "unclear-rows"


def test_repeated_amounts_without_line_columns_are_asked_about(tmp_path: Path) -> None:
    header = "order_id,customer_id,ordered_at,amount,note\n"
    text = header + "".join(f"{day},ann,2024-01-0{day},5,x\n{day},ann,2024-01-0{day},5,y\n" for day in range(1, 9))
    assert refusal(lambda: read(tmp_path, text)).code == "unclear-rows"


@pytest.mark.parametrize(
    ("mode", "expected"), [("one-per-order", [5, 6]), ("total-repeated", [5, 6]), ("line-amounts", [10, 6])]
)
def test_the_owner_says_what_rows_are(tmp_path: Path, mode: str, expected: list[float]) -> None:
    text = HEADER + "1,ann,2024-01-01,5\n1,ann,2024-01-01,5\n2,bob,2024-01-02,6\n"
    assert amounts(read(tmp_path, text, columns={"rows": mode})) == expected


def test_one_per_order_with_two_different_rows_is_refused(tmp_path: Path) -> None:
    text = HEADER + "1,ann,2024-01-01,5\n2,bob,2024-01-02,6\n2,bob,2024-01-02,7\n"
    error = refusal(lambda: read(tmp_path, text, columns={"rows": "one-per-order"}))
    assert error.code == "shared-order-id"
    assert error.where is not None
    assert error.where.line == 3


def test_lines_with_a_price_are_multiplied_and_added_up(tmp_path: Path) -> None:
    text = PRICED + "1,ann,2024-01-01,3,0.3333\n1,ann,2024-01-01,2,1.10\n2,bob,2024-01-02,0.5,7\n2,bob,2024-01-02,1,0\n"
    found = read(tmp_path, text)
    assert amounts(found) == [3.1999, 3.5]
    assert found.inputs[0].format == "generic line items"


def test_an_order_of_several_days_counts_on_its_first(tmp_path: Path) -> None:
    found = read(tmp_path, PRICED + "1,ann,2024-01-03,1,5\n1,ann,2024-01-01,1,6\n")
    assert (days(found), amounts(found)) == (["2024-01-01"], [11])


@pytest.mark.parametrize("header", [ITEMS, PRICED.replace("quantity,unit_price", "amount,sku")])
def test_two_different_orders_under_one_id_are_refused(tmp_path: Path, header: str) -> None:
    text = header + "1,ann,2024-01-01,5,x\n1,ann,2024-01-01,6,y\n2,ann,2024-01-01,5,x\n2,bob,2024-02-01,6,y\n"
    error = refusal(lambda: read(tmp_path, text))
    assert error.code == "shared-order-id"
    assert "'2'" in error.message
    assert error.where is not None
    assert error.where.line == 4


def test_a_customer_on_one_of_the_rows_is_the_orders(tmp_path: Path) -> None:
    found = read(tmp_path, PRICED + "1,,2024-01-01,1,5\n1,ann,2024-01-01,1,6\n")
    assert (customers(found), amounts(found)) == (fingerprints("ann"), [11])


def test_an_order_without_an_id_is_told_by_its_name(tmp_path: Path) -> None:
    text = "Name,Created at,Subtotal,Shipping,Taxes,Total,Id,Email\n"
    alone = text + "#1,2024-01-01,5,0,0,5,,ann@x\n#2,2024-01-02,6,0,0,6,77,bob@x\n"
    assert amounts(read(tmp_path, alone)) == [5, 6]
    assert amounts(read(tmp_path, alone + "#2,2024-01-02,,,,,,bob@x\n")) == [5, 6]


# ---- refunds


def test_a_negative_amount_is_a_refund_in_its_own_month(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + "1,ann,2024-01-31,50\n1,ann,2024-02-09,-20\n9,ann,2024-02-11,-7\n" + LAST)
    assert list(ledger(found).select("day", "orders", "revenue", "refund").iter_rows()) == [
        (date(2024, 1, 31), 1, 500_000, 0),
        (date(2024, 2, 9), 0, 0, 200_000),
        (date(2024, 2, 11), 0, 0, 70_000),
        (date(2024, 12, 31), 1, 10_000, 0),
    ]


def test_two_refunds_of_one_order_are_both_counted(tmp_path: Path) -> None:
    text = HEADER + "1,ann,2024-01-01,50\n1,ann,2024-01-09,-20\n1,ann,2024-01-09,-5\n1,ann,2024-01-10,-5\n" + LAST
    found = read(tmp_path, text)
    assert (count(found), revenue(found), refunds(found)) == (2, 51, 30)


def test_the_refund_column_lowers_the_orders_own_month(tmp_path: Path) -> None:
    found = read(tmp_path, REFUND + "1,ann,2024-01-31,50,20,paid\n2,bob,2024-02-01,50,,paid\n3,cid,2024-02-01,50,-5,\n")
    assert list(ledger(found).select("revenue", "refund").iter_rows()) == [
        (500_000, 200_000),
        (500_000, 0),
        (500_000, 50_000),
    ]


@pytest.mark.parametrize("word", ["refunded", "Refunded", "fully_refunded", "REFUND", "returned"])
@pytest.mark.parametrize("unsaid", ["", "0", "0.00"])
def test_refunded_without_a_sum_is_refunded_in_full(tmp_path: Path, word: str, unsaid: str) -> None:
    found = read(tmp_path, f"{REFUND}1,ann,2024-01-01,50,{unsaid},{word}\n2,bob,2024-01-01,50,10,{word}\n")
    assert (count(found), revenue(found), refunds(found)) == (2, 100, 60)


def test_partially_refunded_without_a_sum_is_no_refund(tmp_path: Path) -> None:
    assert refunds(read(tmp_path, REFUND + "1,ann,2024-01-01,50,,partially_refunded\n")) == 0


def test_a_negative_quantity_is_a_refund_on_its_day(tmp_path: Path) -> None:
    text = (
        PRICED + "1,ann,2024-01-01,2,5\n1,ann,2024-01-05,-1,5\nC2,bob,2024-01-07,-3,2\nC2,bob,2024-01-07,-1,2\n" + LAST
    )
    found = read(tmp_path, text.replace("31,1\n", "31,1,1\n"))
    assert [
        (str(day), *figures) for day, *figures in ledger(found).select("day", "orders", "revenue", "refund").iter_rows()
    ] == [
        ("2024-01-01", 1, 100_000, 0),
        ("2024-01-05", 0, 0, 50_000),
        ("2024-01-07", 0, 0, 80_000),
        ("2024-12-31", 1, 10_000, 0),
    ]


def test_a_discount_line_lowers_its_order(tmp_path: Path) -> None:
    found = read(tmp_path, PRICED + "1,ann,2024-01-01,2,5\n1,ann,2024-01-01,1,-3\n")
    assert (count(found), amounts(found)) == (1, [7])


def test_an_order_that_sums_below_zero_is_a_refund(tmp_path: Path) -> None:
    found = read(tmp_path, PRICED + "A5,,2024-01-01,1,-110.6\n1,ann,2024-01-02,1,5\n")
    assert (count(found), revenue(found), refunds(found)) == (1, 5, 110.6)


# ---- what is left out


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        *((word, "cancelled") for word in ("cancelled", "Canceled", "VOIDED", "failed", "expired", "Declined")),
        *((word, "unpaid") for word in ("unpaid", "Pending", "on-hold", "On Hold", "pending_payment", "draft")),
    ],
)
def test_a_status_word_leaves_an_order_out(tmp_path: Path, word: str, reason: str) -> None:
    found = read(tmp_path, f"{STATUS}1,ann,2024-01-01,5,paid\n2,bob,2024-01-02,5,{word}\n3,cid,2024-01-03,5,\n")
    assert amounts(found) == [5, 5]
    assert lines(found.inputs[0].left_out) == {reason: (3,)}


def test_an_order_is_left_out_with_all_its_rows(tmp_path: Path) -> None:
    text = (
        ITEMS.replace("sku", "status,sku")
        + "1,ann,2024-01-01,5,cancelled,x\n1,,2024-01-01,,,y\n2,bob,2024-01-02,6,,x\n"
    )
    found = read(tmp_path, text)
    assert amounts(found) == [6]
    assert reasons(found.inputs[0].left_out) == {"cancelled": 2}


@pytest.mark.parametrize("word", ["paid", "Completed", "shipped", "partially_refunded", "Fulfilled", ""])
def test_a_known_good_status_is_kept_without_a_note(tmp_path: Path, word: str) -> None:
    found = read(tmp_path, f"{STATUS}1,ann,2024-01-01,5,{word}\n")
    assert (count(found), found.inputs[0].notes) == (1, ())


def test_an_unknown_status_is_kept_and_noted(tmp_path: Path) -> None:
    found = read(tmp_path, STATUS + "1,ann,2024-01-01,5,lost in \x1b[2Jspace\n2,ann,2024-01-01,5,paid\n")
    assert count(found) == 2
    (note,) = found.inputs[0].notes
    assert re.match("unknown status 'lost in .*: 1 order", note)
    assert note.isprintable()


def test_a_free_order_counts_with_a_customer_and_is_set_apart_without(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + "1,ann,2024-01-01,0\n2,,2024-01-02,0.00\n3,,2024-01-03,5\n")
    assert amounts(found) == [0, 5]
    assert lines(found.inputs[0].left_out) == {"amount 0 without a customer": (3,)}
    assert any(re.match("1 orders? of amount 0", note) for note in found.inputs[0].notes)


def test_orders_after_today_are_left_out(tmp_path: Path) -> None:
    text = HEADER + "1,ann,2024-01-01,5\n2,bob,2024-02-15,5\n3,cid,2024-02-16,5\n"
    found = read(tmp_path, text, today=date(2024, 2, 15))
    assert found.as_of == date(2024, 2, 15)
    assert lines(found.inputs[0].left_out) == {"in the future": (4,)}


def test_orders_after_as_of_are_left_out(tmp_path: Path) -> None:
    text = HEADER + "1,ann,2024-01-01,5\n2,bob,2024-02-15,5\n2,bob,2024-02-16,-5\n3,cid,2024-02-16,5\n"
    found = read(tmp_path, text, as_of=date(2024, 2, 15))
    assert days(found) == ["2024-01-01", "2024-02-15"]
    assert reasons(found.inputs[0].left_out) == {"after as_of": 2}
    assert found.inputs[0].last == date(2024, 2, 15)


def test_as_of_may_lie_after_the_last_order(tmp_path: Path) -> None:
    assert read(tmp_path, HEADER + "1,ann,2024-01-01,5\n", as_of=date(2024, 3, 9)).as_of == date(2024, 3, 9)


def test_a_refund_or_a_cancelled_order_does_not_move_as_of(tmp_path: Path) -> None:
    found = read(tmp_path, STATUS + "1,ann,2024-01-01,5,\n2,ann,2024-01-02,-1,\n3,ann,2024-01-03,9,void\n")
    assert found.as_of == date(2024, 1, 1)
    assert reasons(found.inputs[0].left_out) == {"after as_of": 1, "cancelled": 1}


def test_several_currencies_are_asked_about(tmp_path: Path) -> None:
    error = refusal(lambda: read(tmp_path, CURRENCY + "1,ann,2024-01-01,5,EUR\n2,bob,2024-01-02,5,usd\n"))
    assert error.code == "several-currencies"
    assert "EUR, USD" in error.message
    assert "merchant.currency" in error.remedy


def test_the_chosen_currency_leaves_the_others_out(tmp_path: Path) -> None:
    text = CURRENCY + "1,ann,2024-01-01,5,eur\n2,bob,2024-01-02,6,USD\n3,cid,2024-01-03,7,\n4,ann,2024-01-04,-1,USD\n"
    found = read(tmp_path, text, currency="EUR")
    assert (found.currency, amounts(found)) == ("EUR", [5, 7])
    assert reasons(found.inputs[0].left_out) == {"other currency": 2}


def test_one_currency_is_taken_from_the_file(tmp_path: Path) -> None:
    assert read(tmp_path, CURRENCY + "1,ann,2024-01-01,5,Eur\n2,bob,2024-01-02,6,EUR\n").currency == "EUR"
    assert read(tmp_path, HEADER + "1,ann,2024-01-01,5\n").currency is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            STATUS + "1,ann,2024-01-01,5,void\n2,ann,2024-01-01,5,draft\n3,ann,2024-01-01,5,void\n",
            "2 cancelled, 1 unpaid",
        ),
        (HEADER + "1,ann,2031-01-01,5\n", "1 in the future"),
        (HEADER + "1,ann,2024-01-01,-5\n", "only refunds"),
    ],
)
def test_no_order_left_is_a_refusal_that_says_why(tmp_path: Path, text: str, told: str) -> None:
    error = refusal(lambda: read(tmp_path, text))
    assert error.code == "no-orders"
    assert told in error.message


def test_as_of_before_every_order_is_a_refusal(tmp_path: Path) -> None:
    error = refusal(lambda: read(tmp_path, HEADER + "1,ann,2024-01-02,5\n", as_of=date(2024, 1, 1)))
    assert (error.code, "1 after as_of" in error.message) == ("no-orders", True)


def test_a_file_without_rows_is_a_refusal(tmp_path: Path) -> None:
    assert refusal(lambda: read(tmp_path, HEADER)).code == "no-rows"


# ---- overlapping files

JANUARY = HEADER + "1,ann,2024-01-01,5\n2,bob,2024-01-20,6\n"


@pytest.mark.parametrize("newest_first", [False, True])
def test_an_order_in_two_files_counts_once_and_is_told(tmp_path: Path, newest_first: bool) -> None:
    february = HEADER + "2,bob,2024-01-20,6\n3,cid,2024-02-01,7\n"
    files = (february, JANUARY) if newest_first else (JANUARY, february)
    found = read(tmp_path, *files)
    assert (count(found), revenue(found), found.as_of) == (3, 18, date(2024, 2, 1))
    older = found.inputs[1 if newest_first else 0]
    assert lines(older.left_out) == {"same order in another file": (3,)}
    assert [source.rows_used for source in found.inputs] == ([2, 1] if newest_first else [1, 2])


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("field", ["amount", "refund", "status"])
def test_the_file_with_the_newer_last_order_wins(tmp_path: Path, newest_first: bool, field: str) -> None:
    changed = {"amount": "4,,paid", "refund": "6,2,paid", "status": "6,6,refunded"}[field]
    old = REFUND + "1,ann,2024-01-01,5,,paid\n2,bob,2024-01-20,6,,paid\n"
    new = f"{REFUND}2,bob,2024-01-20,{changed}\n3,cid,2024-02-01,7,,paid\n"
    found = read(tmp_path, *((new, old) if newest_first else (old, new)))
    net = revenue(found) - refunds(found)
    assert (count(found), net) == (3, 5 + 7 + {"amount": 4, "refund": 4, "status": 0}[field])


def test_cancelled_in_the_newer_file_is_cancelled(tmp_path: Path) -> None:
    old, new = STATUS + "1,ann,2024-01-01,5,paid\n", STATUS + "1,ann,2024-01-01,5,cancelled\n2,bob,2024-02-01,6,paid\n"
    for files in ((old, new), (new, old)):
        found = read(tmp_path, *files)
        assert (count(found), revenue(found)) == (1, 6)


def test_paid_in_the_newer_file_is_paid(tmp_path: Path) -> None:
    old = STATUS + "1,ann,2024-01-01,5,pending\n3,ann,2024-01-02,8,paid\n"
    found = read(tmp_path, old, STATUS + "1,ann,2024-01-01,5,paid\n2,bob,2024-02-01,6,paid\n")
    assert (count(found), revenue(found)) == (3, 19)


@pytest.mark.parametrize("changed", ["2,bob,2024-01-20,7", "2,bea,2024-01-20,6"])
def test_equally_new_files_that_disagree_are_refused(tmp_path: Path, changed: str) -> None:
    error = refusal(lambda: read(tmp_path, JANUARY, f"{HEADER}{changed}\n"))
    assert error.code == "conflicting-files"
    assert "'2'" in error.message
    assert error.where is not None
    assert error.where.line in (2, 3)


def test_the_same_file_twice_counts_once(tmp_path: Path) -> None:
    found = read(tmp_path, JANUARY, JANUARY)
    assert (count(found), revenue(found)) == (2, 11)
    assert [source.rows_used for source in found.inputs] == [0, 2]


def test_line_items_in_two_files_are_not_added_up_twice(tmp_path: Path) -> None:
    first = PRICED + "1,ann,2024-01-01,1,5\n1,ann,2024-01-01,1,5\n2,bob,2024-01-20,2,3\n2,bob,2024-01-21,-1,3\n"
    second = PRICED + "2,bob,2024-01-20,2,3\n2,bob,2024-01-21,-1,3\n3,cid,2024-02-01,1,7\n"
    found = read(tmp_path, first, second)
    assert (count(found), revenue(found), refunds(found)) == (3, 23, 3)


def test_a_refund_in_the_second_file_joins_the_order_of_the_first(tmp_path: Path) -> None:
    found = read(tmp_path, JANUARY, HEADER + "1,ann,2024-02-01,-5\n3,cid,2024-02-02,7\n")
    assert (count(found), revenue(found), refunds(found)) == (3, 18, 5)


def test_files_of_different_formats_are_joined(tmp_path: Path) -> None:
    found = read(tmp_path, JANUARY, "Invoice;Date;Quantity;Price;Email\n7;01.02.2024;2;4;Ann@x.y\n8;13.02.2024;1;4;\n")
    assert (count(found), revenue(found)) == (4, 23)
    assert customers(found) == fingerprints("ann", "bob", "ann@x.y", None)


def test_files_in_two_currencies_are_asked_about(tmp_path: Path) -> None:
    first, second = CURRENCY + "1,ann,2024-01-01,5,EUR\n", CURRENCY + "2,ann,2024-01-02,5,USD\n"
    assert refusal(lambda: read(tmp_path, first, second)).code == "several-currencies"
