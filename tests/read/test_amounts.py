"""Text becomes money: point or comma for a whole file, settled by its rows, and exact to the ten-thousandth."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merchant_check.facts import MINOR
from merchant_check.read.amounts import COMMA, POINT, minor, number, plain, plain_sign, sign, usual_dress
from merchant_check.read.orders import Orders

from .reading import HEADER, amounts, conventions, count, ledger, lines, read, refunds, refusal, revenue

PRICED = "invoice,date,quantity,unit_price\n"


def priced(folder: Path, *written: str, mark: str | None = None) -> Orders:
    """Orders of these amounts."""
    text = HEADER + "".join(f'{row},ann,2024-01-01,"{amount}"\n' for row, amount in enumerate(written))
    return read(folder, text, columns={"decimal_mark": mark} if mark else {})


def one(written: str, mark: str = POINT) -> Decimal | None:
    """What one cell reads as, where the file's decimal mark is known."""
    found = pl.select(minor(number(pl.lit(written), mark))).item()
    return None if found is None else Decimal(found) / MINOR


# ---- one cell


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        *(("5", "5"), ("+5", "5"), (" 5.0 ", "5"), ("5.", "5"), (".5", "0.5"), ("007", "7"), ("0", "0"), ("-0", "0")),
        *(("0.1", "0.1"), ("271.9992", "271.9992"), ("99999999999", "99999999999"), ("1234567.89", "1234567.89")),
        *(("'12.50", "12.5"), ('="12.50"', "12.5"), ("\u00a012.5\u200b", "12.5")),
    ],
)
def test_plain_numbers_are_read(written: str, amount: str) -> None:
    assert one(written) == Decimal(amount)


@pytest.mark.parametrize(
    ("written", "mark"),
    [
        *(("1,234,567.5", POINT), ("12,34,567.5", POINT), ("1.234.567,5", COMMA), ("12.34.567,5", COMMA)),
        *((f"1{sign}234{sign}567.5", POINT) for sign in "'\u2019 \u00a0\u202f\u2009"),
        *((f"1{sign}234{sign}567,5", COMMA) for sign in "'\u2019 \u00a0\u202f\u2009"),
        *(("1234567.5", POINT), ("1234567,5", COMMA), ("1,234,567.50000", POINT), ("1.234.567,50000", COMMA)),
    ],
)
def test_thousands_are_grouped_in_many_ways(written: str, mark: str) -> None:
    for before, size in (("", 1), ("-", -1)):
        assert one(before + written, mark) == Decimal("1234567.5") * size


@pytest.mark.parametrize(
    "written",
    [
        *("$12.50", "$ 12.50", "12.50$", "12.50 €", "€\u00a012.50", "US$12.50", "CA$ 12.50", "R$ 12.50", "৳12.50"),
        *("EUR 12.50", "12.50 EUR", "USD12.50", "CHF 12.50", "Rs. 12.50", "Rs 12.50", "RM12.50", "Rp 12.50"),
        *(
            "kr 12.50",
            "12.50 kr.",
            "12.50 zł",
            "12.50 Kč",
            "12.50 Ft",
            "12.50 руб.",
            "12.50元",
            "￥12.50",
            "人民币12.50",
        ),
    ],
)
def test_a_currency_may_stand_before_or_after(written: str) -> None:
    assert one(written) == Decimal("12.5")


@pytest.mark.parametrize(
    "written",
    [
        *("-12.50", "12.50-", "(12.50)", "( 12.50 )", "\u221212.50", "\uff0d12.50", "- 12.50", "'-12.50"),
        *("-$12.50", "$-12.50", "$ -12.50", "- $12.50", "($12.50)", "$(12.50)", "(12.50 €)", "(12.50) €", "€12.50-"),
        *("12.50-€", "12.50 € -", "12.50 €-", "-12.50 EUR", "EUR -12.50", "(EUR 12.50)"),
    ],
)
def test_what_bookkeepers_write_below_zero_is_negative(written: str) -> None:
    assert one(written) == Decimal("-12.5")


@pytest.mark.parametrize(
    "written", ["(12.50", "12.50)", "($12.50", "$12.50)", "--12.50", "-(12.50)", "(-12.50)", ")12.50(", "+-1"]
)
def test_half_a_bracket_or_two_signs_are_no_amount(written: str) -> None:
    assert one(written) is None


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        *(("1.2345E+03", "1234.5"), ("1.234e3", "1234"), ("-5.00E+01", "-50"), ("1.5E-02", "0.015"), ("7E+00", "7")),
        *(("1.23E+03", None), ("1E+05", None), ("1e5", None), ("12.5E+01", None), ("1.5E", None), ("E+03", None)),
    ],
)
def test_scientific_notation_is_read_while_no_figure_is_lost(written: str, amount: str | None) -> None:
    assert one(written) == (Decimal(amount) if amount else None)


@pytest.mark.parametrize(
    "written", ["٣٤٥٫٥", "۳۴۵٫۵", "३४५.५", "৩৪৫.৫", "๓๔๕.๕", "３４５.５", "３４５．５", "௩௪௫.௫", "၃၄၅.၅", "໓໔໕.໕"]
)
def test_the_digits_of_other_scripts_are_digits(written: str) -> None:
    assert one(written) == Decimal("345.5")


def test_arabic_thousands_are_grouped() -> None:
    assert one("١٬٢٣٤٫٥") == Decimal("1234.5")


@pytest.mark.parametrize(
    "bad",
    [
        *("inf", "-inf", "Infinity", "nan", "NaN", "0x10", "1_000", "abc", "-", "", "n/a", ".", "+", "$", "()", "12%"),
        *("五", "Ⅻ", "½", "12:30", "5 x", "x 5", "5.0.0", "1 2", "1 23", "1 2345", "12 34", "5 5.0", "1/2", "#REF!"),
        *("100000000000.01", "9" * 400, "1,23,45.6", "1,2345.6", ",123.0", "1,,234", "$ EUR 5"),
    ],
)
@pytest.mark.parametrize("mark", [POINT, COMMA])
def test_what_is_no_number_is_none(bad: str, mark: str) -> None:
    if mark == COMMA:
        bad = bad.translate(str.maketrans(",.", ".,"))
    assert one(bad, mark) is None


def test_the_largest_amount_is_the_last_that_is_exact() -> None:
    assert one("99,999,999,999.9999") == Decimal("99999999999.9999")
    assert one("-100,000,000,000") == -Decimal(10**11)
    assert one("100,000,000,000.1") is None


def test_a_mark_that_is_not_the_files_is_no_decimal_mark() -> None:
    assert (one("5,5", POINT), one("5.5", COMMA)) == (None, None)
    assert one("1.234", COMMA) == one("1,234", POINT) == Decimal(1234)


# ---- any amount in any convention

CURRENCIES = ("", "$", "€", "EUR", "kr", "元")
GROUPS = {POINT: (",", "'", " ", "\u00a0", ""), COMMA: (".", "'", " ", "\u202f", "")}


@st.composite
def conventional(draw: st.DrawFn) -> tuple[str, str, Decimal]:
    """An amount in some convention: how it is written, the decimal mark, and what it is."""
    units, decimals = draw(st.integers(0, 10**10)), draw(st.text("0123456789", max_size=4))
    mark = draw(st.sampled_from([POINT, COMMA]))
    group = draw(st.sampled_from(GROUPS[mark]))
    blank = draw(st.sampled_from(["", " ", "\u00a0"]))
    body = f"{units:,}".replace(",", group) + ({POINT: ".", COMMA: ","}[mark] + decimals if decimals else "")
    currency = draw(st.sampled_from(CURRENCIES))
    with_currency = draw(st.sampled_from([f"{currency}{blank}{body}", f"{body}{blank}{currency}"]))
    amount = Decimal(f"{units}.{decimals or 0}")
    written, size = draw(
        st.sampled_from([(with_currency, 1), (f"-{with_currency}", -1), (f"({with_currency})", -1), (f"+{body}", 1)])
    )
    digits = draw(st.sampled_from([0x30, 0x660, 0x966, 0xFF10]))
    return written.translate({0x30 + digit: digits + digit for digit in range(10)}), mark, amount * size


@settings(max_examples=400, deadline=None)
@given(conventional())
def test_any_amount_in_any_convention_comes_back_exactly(case: tuple[str, str, Decimal]) -> None:
    written, mark, amount = case
    assert one(written, mark) == amount


# ---- the whole file


@pytest.mark.parametrize(
    ("written", "expected", "mark"),
    [
        (("1,234.50", "1,234"), [1234.5, 1234], "point"),
        (("1.234,50", "1.234"), [1234.5, 1234], "comma"),
        (("0.5", "1,234"), [0.5, 1234], "point"),
        (("0,5", "1.234"), [0.5, 1234], "comma"),
        (("12,34,567", "1,234"), [1234567, 1234], "point"),
        (("1,234,567", "1,234"), [1234567, 1234], "point"),
        (("1.234.567", "1.234"), [1234567, 1234], "comma"),
        (("1234.567", "1.234"), [1234.567, 1.234], "point"),
        (("1.2345", "1.234"), [1.2345, 1.234], "point"),
        (("1.23", "1.234"), [1.23, 1.234], "point"),
        (("1 234,5", "1.234"), [1234.5, 1234], "comma"),
        (("5", "7"), [5, 7], "point"),
        (("5", "1'000"), [5, 1000], "point"),
        (("999", "1,234") * 10, [999, 1234] * 10, "point"),
        (("999", "1.234") * 10, [999, 1234] * 10, "comma"),
    ],
)
def test_the_files_amounts_together_settle_the_decimal_mark(
    tmp_path: Path, written: tuple[str, ...], expected: list[float], mark: str
) -> None:
    found = priced(tmp_path, *written)
    assert amounts(found) == expected
    assert conventions(found.inputs[0])["amounts"] == f"decimals after a {mark}"


def test_one_amount_settles_it_however_late_it_comes(tmp_path: Path) -> None:
    assert set(amounts(priced(tmp_path, *["1.234"] * 1500, "1,5"))) == {1234, 1.5}
    assert set(amounts(priced(tmp_path, *["1.234"] * 1500, "1.5"))) == {1.234, 1.5}


@pytest.mark.parametrize(
    "written",
    [
        *(("1,234",), ("1.234",), ("$1,234", "2,345"), ("1.234", "1000"), ("1.234", "5", "1234"), ("-1.234",)),
        *(("1,234", "1.234"), ("(1,234)", "1,235")),
    ],
)
def test_amounts_that_leave_it_open_are_asked_about(tmp_path: Path, written: tuple[str, ...]) -> None:
    error = refusal(lambda: priced(tmp_path, *written))
    assert error.code == "ambiguous-amounts"
    assert written[0] in error.message
    assert "columns.orders.decimal_mark" in error.remedy


@pytest.mark.parametrize(("mark", "expected"), [("point", 1.234), ("comma", 1234)])
def test_the_owner_says_which_mark_it_is(tmp_path: Path, mark: str, expected: float) -> None:
    assert amounts(priced(tmp_path, "1.234", mark=mark)) == [expected]


def test_amounts_that_speak_for_both_marks_are_asked_about(tmp_path: Path) -> None:
    error = refusal(lambda: priced(tmp_path, "5.25", "1,50", "3.00"))
    assert error.code == "ambiguous-amounts"
    assert "(5.25)" in error.message
    assert "(1,50)" in error.message


def test_a_stray_amount_in_the_other_way_is_set_aside(tmp_path: Path) -> None:
    found = priced(tmp_path, *["5.00"] * 100, "5,00")
    assert revenue(found) == 500
    assert lines(found.inputs[0].rejected) == {"unreadable amount": (102,)}
    assert refusal(lambda: priced(tmp_path, *["5.00"] * 99, "5,00")).code == "ambiguous-amounts"


def test_each_file_has_its_own_mark(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + '1,ann,2024-01-01,"1,5"\n', HEADER + "2,ann,2024-01-02,1.5\n")
    assert amounts(found) == [1.5, 1.5]


def test_all_columns_of_money_have_one_mark(tmp_path: Path) -> None:
    text = "order_id,ordered_at,amount,refund\n1,2024-01-01,1.234,\n2,2024-01-02,5.678,"
    assert refusal(lambda: read(tmp_path, text + "\n")).code == "ambiguous-amounts"
    assert amounts(read(tmp_path, text + '"2,5"\n')) == [1234, 5675.5]


def test_an_unreadable_amount_is_set_aside(tmp_path: Path) -> None:
    found = priced(tmp_path, "5.5", "12,3,4", "", "(7.00", "1E+05")
    assert amounts(found) == [5.5]
    assert lines(found.inputs[0].rejected) == {"unreadable amount": (3, 4, 5, 6)}


def test_a_negative_amount_is_a_refund(tmp_path: Path) -> None:
    found = priced(tmp_path, "($12.50)", "$1,000.00")
    assert (amounts(found), refunds(found), count(found)) == ([-12.5, 1000], 12.5, 1)


def test_a_refund_is_read_like_an_amount(tmp_path: Path) -> None:
    written = ("$7.05", "-3", "($1.00)", "", "x")
    rows = "".join(f"{row},2024-01-01,50,{cell}\n" for row, cell in enumerate(written))
    found = read(tmp_path, f"order_id,ordered_at,amount,refund\n{rows}")
    assert refunds(found) == 11.05
    assert lines(found.inputs[0].rejected) == {"unreadable refund": (6,)}


def test_sums_are_exact(tmp_path: Path) -> None:
    text = HEADER + "".join(f"{row},ann,2024-01-01,0.1\n" for row in range(1000))
    assert revenue(read(tmp_path, text)) == 100
    found = priced(tmp_path, "99999999999", "0.01", "0.0001", "1000")
    assert int(ledger(found)["revenue"].sum()) == (99999999999 + 1000) * MINOR + 100 + 1


# ---- currencies at the amounts


@pytest.mark.parametrize(
    ("written", "shown"), [(("$5", "€5"), "$, €"), (("5 USD", "5 EUR"), "EUR, USD"), (("$5", "CA$5"), "$, CA$")]
)
def test_signs_of_several_currencies_are_refused(tmp_path: Path, written: tuple[str, ...], shown: str) -> None:
    error = refusal(lambda: priced(tmp_path, *written))
    assert error.code == "several-currencies"
    assert f"({shown})" in error.message


def test_a_sign_on_some_of_the_amounts_is_one_currency(tmp_path: Path) -> None:
    assert amounts(priced(tmp_path, "$5.00", "6", "-$1.00", "x")) == [5, 6, -1]


def test_a_column_of_currencies_tells_them_apart(tmp_path: Path) -> None:
    text = HEADER.replace("amount", "amount,currency") + "1,ann,2024-01-01,$5,USD\n2,ann,2024-01-01,€6,EUR\n"
    assert amounts(read(tmp_path, text, currency="EUR")) == [6]


@pytest.mark.parametrize("written", ["-12.50-", "-12.50 -", "$5€", "EUR 5 USD"])
def test_two_signs_at_one_amount_are_no_amount(written: str) -> None:
    """amounts.WRITTEN takes a minus, and a currency, on either side and on both."""
    assert one(written) is None


@pytest.mark.parametrize(("written", "amount"), [("0.123", 0.123), ("0,123", 0.123), ("0.500", 0.5), ("-0.050", -0.05)])
def test_no_thousand_begins_with_a_zero(tmp_path: Path, written: str, amount: float) -> None:
    """amounts._body: groups may begin with 0, so with a whole amount below 1000 beside it, 0.123 becomes 123."""
    assert amounts(priced(tmp_path, written, "5")) == [amount, 5]


def test_a_quantity_does_not_settle_how_prices_are_written(tmp_path: Path) -> None:
    """amounts._evidence: the whole quantity 5 counts as an amount below 1000, so the price 1.234 becomes 1234."""
    assert refusal(lambda: read(tmp_path, PRICED + "1,2024-01-01,5,1.234\n")).code == "ambiguous-amounts"


@pytest.mark.parametrize(
    "texts",
    [
        (PRICED + "1,2024-01-01,1,$5.00\n2,2024-01-02,1,€6.00\n",),
        (HEADER + "1,ann,2024-01-01,$5.00\n", HEADER + "2,ann,2024-01-02,€6.00\n"),
        ("order_id,ordered_at,amount,refund\n1,2024-01-01,$5.00,€2.00\n",),
    ],
    ids=["unit prices", "two files", "refunds"],
)
def test_signs_of_several_currencies_are_refused_wherever_they_stand(tmp_path: Path, texts: tuple[str, ...]) -> None:
    """orders._refuse_mixed_signs looks at the column `amount` of one file only; the others are added up."""
    assert refusal(lambda: read(tmp_path, *texts)).code == "several-currencies"


@pytest.mark.parametrize(
    "written", [("$5.00", "ERROR"), ("5 kr", "5 kr."), ("¥5", "￥5")], ids=["a word", "kr", "a full-width sign"]
)
def test_one_currency_is_not_taken_for_several(tmp_path: Path, written: tuple[str, ...]) -> None:
    """amounts.sign: any three capitals count as a currency ("ERR"), and spellings of one are not joined."""
    assert amounts(priced(tmp_path, *written))[0] == 5


DRESSES = st.sampled_from(
    ["{}", "${}", "US$ {}", "{} €", "{}\u00a0kr", "£{}", "EUR {}", "-{}", "({})", "${}-", "{}%", " {}"]
)
FIGURES = st.one_of(
    st.from_regex(r"[+-]?[0-9]{1,3}(?:[,.' \u00a0][0-9]{2,3}){0,3}(?:[.,][0-9]{0,4})?", fullmatch=True),
    st.text("0123456789.,' -+$€()", max_size=8),
)
CELLS = st.builds(str.format, DRESSES, FIGURES)


@settings(max_examples=300, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=6), st.lists(CELLS, max_size=6), st.sampled_from([POINT, COMMA]))
def test_amounts_read_quickly_are_those_read_closely(sample: list[str], others: list[str], mark: str) -> None:
    dress = usual_dress(pl.Series(sample, dtype=pl.String), mark)
    cell = pl.col("cell")
    found = pl.DataFrame({"cell": [*sample, *others]}, schema={"cell": pl.String}).select(
        quick=plain(cell, mark, dress), close=number(cell, mark), quick_sign=plain_sign(cell, dress), sign=sign(cell)
    )
    quick = found.drop_nulls("quick")
    assert quick["quick"].to_list() == quick["close"].to_list()
    assert quick["quick_sign"].to_list() == quick["sign"].to_list()


@pytest.mark.parametrize(
    ("usual", "mark", "amount"),
    [("$1,234.50", POINT, "$7,654,321.50"), ("1.234,50 €", COMMA, "7.654.321,50 €"), ("12 kr", POINT, "7654321.5 kr")],
)
def test_amounts_that_are_dressed_as_most_are_read_quickly(usual: str, mark: str, amount: str) -> None:
    dress = usual_dress(pl.Series([usual, "n/a", usual, "-5"]), mark)
    assert pl.select(plain(pl.lit(amount), mark, dress)).item() == 7654321.5
