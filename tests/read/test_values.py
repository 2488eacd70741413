"""Text becomes days, money and customers: by one convention for a whole column, never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from merchant_check.facts import MINOR
from merchant_check.read.orders import Orders

from .reading import HEADER, amounts, count, customers, days, lines, read, reasons, refunds, refusal, revenue


def dated(folder: Path, *written: str, timezone: str | None = None, date_format: str | None = None) -> Orders:
    """Orders with these dates."""
    text = HEADER + "".join(f"{number},ann,{day},5\n" for number, day in enumerate(written))
    return read(folder, text, columns={"date_format": date_format} if date_format else {}, timezone=timezone)


def priced(folder: Path, *written: str) -> Orders:
    """Orders of these amounts, and a last one of 1000."""
    text = HEADER + "".join(f'{number},ann,2024-01-01,"{amount}"\n' for number, amount in enumerate(written))
    return read(folder, f"{text}last,ann,2024-01-01,1000\n")


def bought_by(folder: Path, header: str, *written: str) -> list[str | None]:
    """The customers behind these cells."""
    rows = "".join(f'{number},2024-01-{number + 1:02},5,"{cell}"\n' for number, cell in enumerate(written))
    return customers(read(folder, f"order_id,ordered_at,amount,{header}\n{rows}"))


# ---- days


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("YYYY-MM-DD", "2024-01-31", "2024-02-03"),
        ("YYYY/MM/DD", "2024/01/31", "2024/2/3"),
        ("DD.MM.YYYY", "31.01.2024", "3.2.2024"),
        ("YYYYMMDD", "20240131", "20240203"),
        ("DD/MM/YYYY", "31/01/2024", "3/2/2024"),
        ("MM/DD/YYYY", "01/31/2024", "2/3/2024"),
        ("DD-MM-YYYY", "31-01-2024", "3-2-2024"),
        ("MM-DD-YYYY", "01-31-2024", "2-3-2024"),
    ],
)
@pytest.mark.parametrize(
    "clock", ["", " 23:59", " 9:05", " 00:00:00", "T23:59:59", " 23:59:59.123", "T23:59Z", " 10:30:00 +0200"]
)
def test_every_format_is_read_with_and_without_a_clock(
    tmp_path: Path, name: str, first: str, second: str, clock: str
) -> None:
    expected = ["2024-01-31", "2024-02-03"]
    assert days(dated(tmp_path, first + clock, second + clock)) == expected
    assert days(dated(tmp_path, second + clock, first + clock, date_format=name)) == expected[::-1]


@pytest.mark.parametrize("name", ["DD/MM/YYYY", "dd/mm/yyyy"])
def test_the_named_format_settles_it(tmp_path: Path, name: str) -> None:
    assert days(dated(tmp_path, "03/04/2025", date_format=name)) == ["2025-04-03"]
    assert days(dated(tmp_path, "03/04/2025", date_format="MM/DD/YYYY")) == ["2025-03-04"]


@pytest.mark.parametrize("sign", ["/", "-"])
def test_ambiguous_dates_are_asked_about(tmp_path: Path, sign: str) -> None:
    error = refusal(lambda: dated(tmp_path, f"03{sign}04{sign}2025", f"12{sign}11{sign}2025"))
    assert error.code == "ambiguous-dates"
    assert "'ordered_at'" in error.message
    assert "columns.orders.date_format" in error.remedy
    assert f"DD{sign}MM{sign}YYYY" in error.remedy
    assert f"MM{sign}DD{sign}YYYY" in error.remedy


@pytest.mark.parametrize(("last", "first_day"), [("13/04/2025", "2025-04-03"), ("04/13/2025", "2025-03-04")])
def test_one_day_above_12_settles_the_column_however_late_it_comes(tmp_path: Path, last: str, first_day: str) -> None:
    found = dated(tmp_path, *["03/04/2025"] * 1500, last)
    assert set(days(found)) == {first_day, "2025-04-13"}


def test_a_column_has_one_format(tmp_path: Path) -> None:
    found = dated(tmp_path, "2024-01-15", "2024-01-16", "17/01/2024", "18.01.2024")
    assert days(found) == ["2024-01-15", "2024-01-16"]
    assert lines(found.inputs[0].rejected) == {"unreadable date": (4, 5)}


@pytest.mark.parametrize(
    "bad",
    [
        *(
            "2024-02-30",
            "2024-13-01",
            "2024-1-5",
            "2024-01-15garbage",
            "2024-01-15 10",
            "2024-01-15 10:00 PM",
            "24-01-15",
        ),
        *("", "-", "n/a", "0001-01-01", "1900-01-01", "1969-12-31", "9999-12-31", "0000-00-00"),
    ],
)
def test_what_is_no_day_is_set_aside(tmp_path: Path, bad: str) -> None:
    found = dated(tmp_path, "2024-01-14", bad, "2024-01-16")
    assert days(found) == ["2024-01-14", "2024-01-16"]
    assert lines(found.inputs[0].rejected) == {"unreadable date": (3,)}


def test_the_29th_of_february_is_a_day_in_leap_years_only(tmp_path: Path) -> None:
    found = dated(tmp_path, "2024-02-29", "2023-02-29", "2000-02-29", "2100-02-29")
    assert days(found) == ["2024-02-29", "2000-02-29"]


def test_dates_in_no_known_format_are_refused_with_an_example(tmp_path: Path) -> None:
    error = refusal(lambda: dated(tmp_path, "", "15th of Jan", "16th of Jan"))
    assert error.code == "unknown-date-format"
    assert "'15th of Jan'" in error.message
    assert "YYYY-MM-DD" in error.remedy


def test_an_unknown_format_name_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    error = refusal(lambda: dated(tmp_path, "03/04/2025", date_format="MM.DD.YYYY"))
    assert error.code == "unknown-date-format"
    assert "DD/MM/YYYY" in error.remedy


# ---- clocks


def test_a_stamp_counts_as_written_where_no_timezone_is_set(tmp_path: Path) -> None:
    stamps = ["2024-01-15 23:30:00 -0700", "2024-01-15T00:30:00+09:00", "2024-01-15T23:59:59Z"]
    assert days(dated(tmp_path, *stamps)) == ["2024-01-15"] * 3


@pytest.mark.parametrize(
    "stamp",
    [
        *("2024-01-15T00:30:00Z", "2024-01-15T00:30Z", "2024-01-15 00:30:00 UTC", "2024-01-15 00:30:00 +0000"),
        *(
            "2024-01-15 00:30:00+00:00",
            "2024-01-15T01:30:00+01:00",
            "2024-01-15T00:30:00.999Z",
            "2024-01-15 0:30:00+00:00",
        ),
    ],
)
def test_a_stamp_with_an_offset_moves_to_the_shops_timezone(tmp_path: Path, stamp: str) -> None:
    assert days(dated(tmp_path, stamp, timezone="America/New_York")) == ["2024-01-14"]
    assert days(dated(tmp_path, stamp, timezone="Asia/Shanghai")) == ["2024-01-15"]


def test_a_stamp_without_an_offset_stays_where_it_is(tmp_path: Path) -> None:
    stamps = ["2024-01-15", "2024-01-15 00:30:00", "2024-01-15T23:30"]
    assert days(dated(tmp_path, *stamps, timezone="America/New_York")) == ["2024-01-15"] * 3


def test_summer_time_begins_and_ends(tmp_path: Path) -> None:
    stamps = ["2024-03-30T22:59Z", "2024-03-30T23:00Z", "2024-03-31T21:59Z", "2024-03-31T22:00Z"]
    found = dated(tmp_path, *stamps, timezone="Europe/Berlin")
    assert days(found) == ["2024-03-30", "2024-03-31", "2024-03-31", "2024-04-01"]
    stamps = ["2024-10-26T21:59Z", "2024-10-26T22:00Z", "2024-10-27T22:59Z", "2024-10-27T23:00Z"]
    found = dated(tmp_path, *stamps, timezone="Europe/Berlin")
    assert days(found) == ["2024-10-26", "2024-10-27", "2024-10-27", "2024-10-28"]


# ---- numbers


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        *(("5", 5.0), ("+5", 5.0), (" 5.0 ", 5.0), ("5.", 5.0), (".5", 0.5), ("007", 7.0), ("0", 0.0), ("-0", 0.0)),
        *(("0.1", 0.1), ("271.9992", 271.9992), ("99999999999", 99999999999.0), ("1234567.89", 1234567.89)),
    ],
)
def test_plain_decimal_numbers_are_read(tmp_path: Path, written: str, amount: float) -> None:
    found = priced(tmp_path, written)
    assert amounts(found) == [amount, 1000]
    assert count(found) == 2


@pytest.mark.parametrize("written", ["-12.5", "(12.50)", "12.50-", "\u221212.5", " (12.5) "])
def test_what_bookkeepers_write_below_zero_is_negative(tmp_path: Path, written: str) -> None:
    found = priced(tmp_path, written)
    assert (amounts(found), refunds(found), count(found)) == ([-12.5, 1000], 12.5, 1)


@pytest.mark.parametrize(
    "bad",
    [
        *("inf", "-inf", "Infinity", "nan", "NaN", "1e5", "1E5", "0x10", "1_000", "--5", "٣", "５", "5,0"),
        *("1,234.50", "1.234,50", "1 234", "$5", "5 €", "abc", "-", "", "n/a", ".", "+", "100000000000.01", "9" * 400),
    ],
)
def test_what_is_no_plain_number_is_set_aside(tmp_path: Path, bad: str) -> None:
    found = priced(tmp_path, bad)
    assert amounts(found) == [1000]
    assert lines(found.inputs[0].rejected) == {"unreadable amount": (2,)}


def test_sums_are_exact(tmp_path: Path) -> None:
    text = HEADER + "".join(f"{number},ann,2024-01-01,0.1\n" for number in range(1000))
    assert revenue(read(tmp_path, text)) == 100
    found = priced(tmp_path, "99999999999", "0.01", "0.0001")
    assert int(found.rows["revenue"].sum()) == (99999999999 + 1000) * MINOR + 100 + 1


def test_a_refund_is_read_like_an_amount(tmp_path: Path) -> None:
    written = ("7.05", "-3", "", "x")
    rows = "".join(f"{number},2024-01-01,50,{cell}\n" for number, cell in enumerate(written))
    found = read(tmp_path, f"order_id,ordered_at,amount,refund\n{rows}")
    assert refunds(found) == 10.05
    assert lines(found.inputs[0].rejected) == {"unreadable refund": (5,)}


# ---- customers


def test_an_e_mail_is_the_same_in_any_case_and_with_blanks_around(tmp_path: Path) -> None:
    assert bought_by(tmp_path, "email", "Ann@Shop.com", " ann@shop.com ", "ANN@SHOP.COM") == ["ann@shop.com"] * 3
    assert bought_by(tmp_path, "customer_id", "Ann@Shop.com", "ann@shop.com") == ["ann@shop.com"] * 2


def test_a_customer_id_keeps_its_case(tmp_path: Path) -> None:
    assert bought_by(tmp_path, "customer_id", "aB1", " aB1", "ab1", "007", "7") == ["aB1", "aB1", "ab1", "007", "7"]


def test_a_phone_is_its_digits(tmp_path: Path) -> None:
    first, second, third, none = bought_by(tmp_path, "phone", "+49 (30) 1-2", "493012", "'4930.12", "---")
    assert first == second == third
    assert none is None


def test_the_e_mail_comes_first_then_the_id_then_the_phone(tmp_path: Path) -> None:
    text = "order_id,ordered_at,amount,phone,customer_id,email\n"
    text += (
        "1,2024-01-01,5,55,7,a@x\n2,2024-01-02,5,55,7,\n3,2024-01-03,5,55,,-\n4,2024-01-04,5,,,\n5,2024-01-05,5,7,,\n"
    )
    assert customers(read(tmp_path, text)) == ["a@x", "7", "phone 55", None, "phone 7"]


@pytest.mark.parametrize("header", ["email", "customer_id"])
@pytest.mark.parametrize(
    "nobody", ["", " ", "-", "--", "n/a", "NA", "NULL", "None", "Guest", "guest ", "ANONYMOUS", "unknown"]
)
def test_a_guest_is_nobody(tmp_path: Path, header: str, nobody: str) -> None:
    assert bought_by(tmp_path, header, nobody, "ann") == [None, "ann"]


def test_guests_count_as_orders_and_are_noted(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + "1,,2024-01-01,5\n2,guest,2024-01-02,5\n3,ann,2024-01-03,5\n")
    assert (count(found), revenue(found)) == (3, 15)
    assert any(note.startswith("2 orders without a customer") for note in found.inputs[0].notes)


def test_without_a_customer_column_there_are_no_customers_and_no_note(tmp_path: Path) -> None:
    found = read(tmp_path, "order_id,ordered_at,amount\n1,2024-01-01,5\n")
    assert not found.has_customers
    assert found.inputs[0].notes == ()
    assert reasons(found.inputs[0].left_out) == {}
