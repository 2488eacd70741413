"""Bugs that were found in reading and reducing, each the smallest example of one: they stay mended."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from itertools import permutations
from pathlib import Path

import pytest

from merchant_check.errors import UserError
from tests.read.reading import (
    HEADER,
    amounts,
    count,
    customers,
    days,
    layouts,
    lines,
    read,
    reasons,
    refunds,
    refusal,
    revenue,
)
from tests.read.test_roster import months, roster, stints

from .shops import published, reviewed

ITEMS = "order_id,customer_id,ordered_at,amount,sku\n"


# ---- amounts


@pytest.mark.parametrize("total", ['"1,23.50"', "(1234.50", "abc"])
def test_an_unreadable_total_is_not_zero(tmp_path: Path, total: str) -> None:
    """read/orders.py _orders_of, total-first: fill_null(0) also fills what could not be read.

    5-reliability: "Rows that can't be read (unparsable date or amount …) are set aside and reported".
    """
    text = ITEMS + f"1,ann,2024-01-01,{total},x\n1,,2024-01-01,,y\n2,bob,2024-01-02,6,x\n2,,2024-01-02,,y\n"
    found = read(tmp_path, text)
    assert 0 not in amounts(found)
    assert lines(found.inputs[0].rejected)["unreadable amount"] == (2,)


def test_an_order_without_any_total_is_not_free(tmp_path: Path) -> None:
    """As above: with totals on the first row only, an order whose rows are all blank has no amount, not 0."""
    found = read(tmp_path, ITEMS + "1,ann,2024-01-01,5,x\n1,,2024-01-01,,y\n2,bob,2024-01-02,,x\n")
    assert amounts(found) == [5]
    assert reasons(found.inputs[0].rejected) == {"unreadable amount": 1}


def test_one_order_in_two_currencies_is_asked_about(tmp_path: Path) -> None:
    """read/orders.py _grouped: an order takes the first row's currency, then euros and dollars are added up.

    4-formats: "Several currencies in one file: stop and ask".
    """
    text = ITEMS.replace("sku", "currency,sku") + "1,ann,2024-01-01,7,EUR,x\n1,ann,2024-01-01,5,USD,y\n"
    assert refusal(lambda: read(tmp_path, text)).code == "several-currencies"


def test_a_dated_total_row_is_not_an_order(tmp_path: Path) -> None:
    """5-reliability: "A total row … [is] refused or set aside, never added"."""
    text = HEADER + "1,ann,2024-01-01,5\n2,bob,2024-01-02,6\nTotal,,2024-01-02,11\n"
    with suppress(UserError):
        assert revenue(read(tmp_path, text)) == 11


# ---- statuses and rows


@pytest.mark.parametrize(
    ("word", "net"), [("cancelled", 7), ("refunded", 7)], ids=["a cancelled line", "a refunded line"]
)
def test_a_status_is_of_its_line_and_the_order_of_lines_is_no_matter(tmp_path: Path, word: str, net: float) -> None:
    """read/orders.py _grouped: the first row's status becomes the whole order's, whatever the other lines say.

    3-architecture: "row order … change[s] nothing"; one line sent back or cancelled is not the whole order.
    """
    rows = (f"1,ann,2024-01-01,5,{word},x\n", "1,ann,2024-01-01,7,paid,y\n", "2,bob,2024-01-02,6,paid,x\n")
    for text in map("".join, permutations(rows)):
        found = read(tmp_path, ITEMS.replace("sku", "status,sku") + text)
        assert revenue(found) - refunds(found) == net + 6


def test_the_order_of_rows_does_not_choose_the_customer(tmp_path: Path) -> None:
    """read/orders.py _grouped: of two customers under one id on one day, the first in the file is taken."""
    rows = ("1,ann,2024-01-01,5,x\n", "1,bob,2024-01-01,7,y\n", "2,bob,2024-01-02,6,x\n")
    found = [sorted(map(str, customers(read(tmp_path, ITEMS + "".join(text))))) for text in permutations(rows)]
    assert all(entry == found[0] for entry in found)


# ---- ids and files


@pytest.mark.parametrize("newest_first", [False, True])
def test_two_shops_that_count_alike_are_refused(tmp_path: Path, newest_first: bool) -> None:
    """read/orders.py _once_each: the newer file silently swallows another customer's order of another day.

    4-formats: "two different orders under one id (other customer and other day), are an error that names them".
    """
    here = HEADER + "1,ann,2024-01-01,5\n2,bob,2024-01-20,6\n"
    there = HEADER + "1,zoe,2024-01-05,7\n2,yan,2024-02-20,6\n"
    error = refusal(lambda: read(tmp_path, *((there, here) if newest_first else (here, there))))
    assert "'1'" in error.message


def test_an_order_of_the_future_does_not_make_a_file_newer(tmp_path: Path) -> None:
    """read/orders.py _once_each: `newest` counts orders that are left out.

    4-formats: "the file with the newer last order wins"; 2-checks: orders after today "are left out".
    """
    old = HEADER + "1,ann,2024-01-01,5\n9,ann,2044-01-01,5\n"
    new = HEADER + "1,ann,2024-01-01,4\n2,bob,2024-02-01,6\n"
    assert revenue(read(tmp_path, old, new)) == 10


def test_mangled_ids_are_refused_or_set_aside(tmp_path: Path) -> None:
    """5-reliability: "a mangled id column [is] refused or set aside, never added"; here both orders are kept."""
    text = HEADER + "1.23E+17,ann,2024-01-01,5\n1.24E+17,bob,2024-01-02,6\n5,cid,2024-01-03,7\n"
    with suppress(UserError):
        assert amounts(read(tmp_path, text)) == [7]


# ---- values


@pytest.mark.parametrize("form", ["2024/01/15 {} +0000", "15.01.2024 {} Z", "15/01/2024 {}+00:00", "01-15-2024 {} UTC"])
def test_an_offset_counts_in_every_date_format(tmp_path: Path, form: str) -> None:
    """read/dates.py day: only ISO stamps move to the shop's timezone.

    2-checks: "A stamp with an offset is converted to merchant.timezone when that is set".
    """
    found = read(tmp_path, f"{HEADER}1,ann,{form.format('22:30:00')},5\n", timezone="Asia/Shanghai")
    assert days(found) == ["2024-01-16"]


def test_offsets_that_no_summer_time_explains_are_noted(tmp_path: Path) -> None:
    """5-reliability: "else the date as written counts …, noted when offsets are mixed beyond what daylight saving
    explains"."""
    text = HEADER + "1,ann,2024-01-01 00:30:00+09:00,5\n2,bob,2024-01-01T23:30:00-07:00,5\n"
    assert any("offset" in note for note in read(tmp_path, text).inputs[0].notes)


@pytest.mark.parametrize("nobody", ["walk-in", "Walk-In", "WALK IN"])
def test_a_walk_in_is_nobody(tmp_path: Path, nobody: str) -> None:
    """read/orders.py _customer: guest words are folded, the customer's name is not, so "walk-in" never matches."""
    assert customers(read(tmp_path, f"{HEADER}1,{nobody},2024-01-01,5\n")) == [None]


@pytest.mark.parametrize("row", ["1,ann,2024-01-01,three,5", "1,ann,2024-01-01,3,five"])
def test_the_refusal_echoes_a_quantity_or_price(tmp_path: Path, row: str) -> None:
    """read/account.py _echo: there is no column `amount`, so the value is not named.

    5-reliability: "cannot read the amount '12,3,4'; …remedy".
    """
    text = f"invoice,customer_id,date,quantity,unit_price\n{row}\n2,bob,2024-01-02,1,1\n"
    error = refusal(lambda: read(tmp_path, text, max_rejected=0.01))
    assert "'three'" in error.message or "'five'" in error.message


# ---- headers


def test_a_refused_header_is_named_by_its_own_line(tmp_path: Path) -> None:
    """read/recognise.py: errors about the header always say line 1."""
    error = refusal(lambda: layouts(tmp_path, "\n\nOrders of 2024\norder_id,date,date,amount\n1,2024-01-01,,5\n"))
    assert error.where is not None
    assert error.where.line == 4


def test_a_data_row_is_no_header(tmp_path: Path) -> None:
    """read/table.py _header: a row of values that happen to be header names outvotes the header above it."""
    text = "order_id,ordered_at,amount,payment,contact,channel,kind\n1,2024-01-01,5,cash,phone,stores,product\n"
    assert count(read(tmp_path, text + "2,2024-01-02,5,card,email,website,product\n")) == 2


# ---- sheets and rosters


@pytest.mark.parametrize("word", ["No", "no", "NO"])
def test_active_no_has_left(tmp_path: Path, word: str) -> None:
    """read/formats.yaml left_words: YAML reads the bare `no` as false, so the word "no" is not in the list.

    4-formats: "a leaver with no end date …: keep out of the headcount".
    """
    text = f"employee,hire date,active\nann,2020-01-01,yes\nbob,2020-01-01,{word}\n"
    assert [stint.person for stint in roster(tmp_path, text).stints] == ["ann"]


def test_blanks_around_a_name_make_no_second_person(tmp_path: Path) -> None:
    """read/roster.py read_roster: person and location are taken untrimmed; whoever moved counts twice."""
    found = roster(
        tmp_path, "person,start,end,location\nann,2020-01-01,2024-03-01,A\nann ,2024-03-01,,A \nbob,2020-01-01,,A\n"
    )
    assert stints(found) == [("ann", "2020-01-01", None), ("bob", "2020-01-01", None)]
    assert months(found, "2024-03", "2024-03")["2024-03"]["locations"] == 1


def test_an_end_after_as_of_is_not_known_yet(tmp_path: Path) -> None:
    """read/roster.py: a fixed term that ends next year makes has_ends true, and turnover reads 0 instead of unknown.

    2-checks: "--as-of cuts every input there"; "A roster without any end date shows survivors only".
    """
    found = roster(tmp_path, "person,start,end\nann,2020-01-01,\nbob,2020-01-01,2025-12-31\n", as_of="2024-06-30")
    assert not found.has_ends


# ---- facts


def test_a_year_is_the_sum_of_its_months(tmp_path: Path) -> None:
    """reduce/orders.py _years: refunds dated before the first order's day are in the month, but not in the year.

    2-checks: a refund "lowers the month it is dated in".
    """
    rows = [f"{number},ann,{date(2022 + number // 12, number % 12 + 1, 2)},100\n" for number in range(24)]
    rows += [f"e{number},ann,2022-01-{number + 3:02},1\n" for number in range(28)]  # the usual gap covers 1 January
    facts = published(reviewed(tmp_path, HEADER + "0r,ann,2022-01-01,-40\n" + "".join(rows)))
    year = next(row for row in facts["years"] if row["to"] == "2022-12")
    months_of_2022 = [row["net_revenue"] for row in facts["months"] if row["month"].startswith("2022")]
    assert year["net_revenue"] == sum(months_of_2022)
    assert year["net_revenue"] >= year["net_revenue_with_customer"]
