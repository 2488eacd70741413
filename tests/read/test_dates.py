"""Text becomes days: one way of writing them for a whole column, settled by all of its rows, never guessed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merchant_check.read.dates import DATE_FORMATS, DateFormat, day, plain_day
from merchant_check.read.orders import Orders

from .reading import HEADER, TODAY, conventions, days, lines, read, refusal


def dated(
    folder: Path, *written: str, timezone: str | None = None, date_format: str | None = None, today: date = TODAY
) -> Orders:
    """Orders with these dates."""
    cells = [f'"{day}"' if "," in day else day for day in written]
    text = HEADER + "".join(f"{row},ann,{cell},5\n" for row, cell in enumerate(cells))
    columns = {"date_format": date_format} if date_format else {}
    return read(folder, text, columns=columns, timezone=timezone, today=today)


def how(found: Orders) -> str:
    """The format that the dates were taken to be in."""
    return conventions(found.inputs[0])["ordered_at"]


# ---- every format

WRITTEN = {  # 31 January and 3 February 2024
    "YYYY-MM-DD": ("2024-01-31", "2024-2-3"),
    "YYYY/MM/DD": ("2024/01/31", "2024/2/3"),
    "YYYY.MM.DD": ("2024.01.31", "2024.2.3"),
    "DD.MM.YYYY": ("31.01.2024", "3.2.2024"),
    "YYYYMMDD": ("20240131", "20240203"),
    "DD/MM/YYYY": ("31/01/2024", "3/2/2024"),
    "MM/DD/YYYY": ("01/31/2024", "2/3/2024"),
    "DD-MM-YYYY": ("31-01-2024", "3-2-2024"),
    "MM-DD-YYYY": ("01-31-2024", "2-3-2024"),
    "DD/MM/YY": ("31/01/24", "3/2/24"),
    "MM/DD/YY": ("01/31/24", "2/3/24"),
    "YY/MM/DD": ("24/01/31", "24/2/3"),
    "DD-MM-YY": ("31-01-24", "3-2-24"),
    "MM-DD-YY": ("01-31-24", "2-3-24"),
    "YY-MM-DD": ("24-01-31", "24-2-3"),
    "DD.MM.YY": ("31.01.24", "3.2.24"),
    "MM.DD.YY": ("01.31.24", "2.3.24"),
    "YY.MM.DD": ("24.01.31", "24.2.3"),
    "DD-MON-YYYY": ("31-Jan-2024", "3 February 2024"),
    "DD-MON-YY": ("31-Jan-24", "Sat 3. Feb 24"),
    "MON-DD-YYYY": ("January 31, 2024", "Sat, Feb 3 2024"),
    "MON-DD-YY": ("Jan-31-24", "Feb. 3, 24"),
    "YYYY年MM月DD日": ("2024年1月31日", "2024年02月03日"),
    "YYYY-Www-D": ("2024-W05-3", "2024-W05-6"),
    "YYYY-DDD": ("2024-031", "2024-034"),
    "excel-serial": ("45322", "45325"),
    "epoch-s": ("1706659200", "1707004799"),
    "epoch-ms": ("1706659200000", "1707004799999"),
    "epoch-us": ("1706659200000000", "1707004799999999"),
}
CLOCKS = (
    *("", " 23:59", " 9:05", " 00:00:00", "T23:59:59", "  23:59", ", 23:59", " 23:59:59.123", " 23:59:59,123"),
    *("T23:59Z", " 10:30:00 +0200", "T10:30:00-07:00", " 10:30 GMT", " 10:30:00 GMT+0800", " 10:30 PST"),
    *(" 12:00 AM", " 11:59 pm", " 1:05:09 a.m.", " 11:59:59 PM UTC"),
)


def test_every_format_is_tested() -> None:
    assert list(WRITTEN) == [known.name for known in DATE_FORMATS]


@pytest.mark.parametrize("name", WRITTEN)
def test_every_format_is_read(tmp_path: Path, name: str) -> None:
    found = dated(tmp_path, *WRITTEN[name])
    assert (days(found), how(found)) == (["2024-01-31", "2024-02-03"], name)


@pytest.mark.parametrize("name", WRITTEN)
def test_every_format_may_be_named(tmp_path: Path, name: str) -> None:
    found = dated(tmp_path, *reversed(WRITTEN[name]), date_format=name.lower())
    assert (days(found), how(found)) == (["2024-02-03", "2024-01-31"], name)


@pytest.mark.parametrize("name", [name for name in WRITTEN if not name.startswith(("epoch", "excel"))])
def test_a_clock_may_follow_the_day(tmp_path: Path, name: str) -> None:
    first, second = WRITTEN[name]
    found = dated(tmp_path, *(first + clock for clock in CLOCKS), second + CLOCKS[-1])
    assert days(found) == ["2024-01-31"] * len(CLOCKS) + ["2024-02-03"]
    assert how(found) == name


@pytest.mark.parametrize("name", ["epoch-ms", "epoch-us", "YYYY-MM-DD", "DD-MON-YYYY"])
@pytest.mark.parametrize("rest", [" 10:00 o'clock", ".5", "T", " 25:00", " 10:60", " 10", "garbage", " 10:00 +2"])
def test_nothing_else_may_follow(tmp_path: Path, name: str, rest: str) -> None:
    first, second = WRITTEN[name]
    assert days(dated(tmp_path, first + rest, second)) == ["2024-02-03"]


@pytest.mark.parametrize("name", ["excel-serial", "epoch-s"])
def test_numbers_of_days_and_seconds_may_have_a_fraction(tmp_path: Path, name: str) -> None:
    first, second = WRITTEN[name]
    assert days(dated(tmp_path, first + ".75", second)) == ["2024-01-31", "2024-02-03"]
    assert days(dated(tmp_path, first + " 10:00", second)) == ["2024-02-03"]


def test_excels_day_numbers_are_noted(tmp_path: Path) -> None:
    noted = [any("Excel" in note for note in dated(tmp_path, day).inputs[0].notes) for day in ("45322", "2024-01-31")]
    assert noted == [True, False]


@pytest.mark.parametrize("number", ["29999", "70000", "4532", "453220"])
def test_numbers_that_are_no_days_of_our_time_are_not_excels(tmp_path: Path, number: str) -> None:
    assert lines(dated(tmp_path, "45322", number).inputs[0].rejected) == {"unreadable date": (3,)}


# ---- month names

SPOKEN = {
    "German": ("15. Januar 2024", "15. März 2024", "15. Mai 2024", "15. Okt. 2024", "15-Dez-2024"),
    "French": ("15 janvier 2024", "15 mars 2024", "15 mai 2024", "15 oct. 2024", "15 déc. 2024"),
    "Spanish": ("15-ene-2024", "15 marzo 2024", "15 mayo 2024", "15 oct 2024", "15 diciembre 2024"),
    "Italian": ("15 gen 2024", "15 marzo 2024", "15 maggio 2024", "15 ott. 2024", "15 dicembre 2024"),
    "Dutch": ("15 januari 2024", "15 mrt. 2024", "15 mei 2024", "15 oktober 2024", "15 december 2024"),
    "Portuguese": ("15 janeiro 2024", "15 março 2024", "15 maio 2024", "15 out. 2024", "15 dez. 2024"),
    "loud": ("15 JAN 2024", "15 MARCH 2024", "15 MAY 2024", "15 OCT 2024", "15 DEC 2024"),
}


@pytest.mark.parametrize("language", SPOKEN)
def test_months_are_named_in_many_languages(tmp_path: Path, language: str) -> None:
    found = days(dated(tmp_path, *SPOKEN[language]))
    assert found == [f"2024-{month}-15" for month in ("01", "03", "05", "10", "12")]


@pytest.mark.parametrize("word", ["Jux", "Mond", "Ja", "Octember", "abc", "Ma"])
def test_what_names_no_month_is_set_aside(tmp_path: Path, word: str) -> None:
    assert lines(dated(tmp_path, f"15 {word} 2024", "16 Jan 2024").inputs[0].rejected) == {"unreadable date": (2,)}


@pytest.mark.parametrize("day", ["31 Feb 2024", "0 Jan 2024", "32 Jan 2024", "29 Feb 2023"])
def test_a_named_month_has_its_days(tmp_path: Path, day: str) -> None:
    assert days(dated(tmp_path, day, "16 Jan 2024")) == ["2024-01-16"]


# ---- one format for a column


@pytest.mark.parametrize("sign", "/-")
@pytest.mark.parametrize("year", ["2025", "25"])
def test_ambiguous_dates_are_asked_about(tmp_path: Path, sign: str, year: str) -> None:
    error = refusal(lambda: dated(tmp_path, f"3{sign}4{sign}{year}", f"12{sign}11{sign}{year}"))
    first, second = (form.replace("/", sign) + "Y" * len(year) for form in ("DD/MM/", "MM/DD/"))
    assert error.code == "ambiguous-dates"
    assert f"'ordered_at' may be {first} or {second}" in error.message
    assert f"--date-format orders={first} (or {second})" in error.remedy
    assert "columns.orders.date_format" in error.remedy
    found = [days(dated(tmp_path, f"3{sign}4{sign}{year}", date_format=name)) for name in (first, second)]
    assert found == [["2025-04-03"], ["2025-03-04"]]


@pytest.mark.parametrize(("last", "first_day"), [("13/04/2025", "2025-04-03"), ("04/13/2025", "2025-03-04")])
def test_one_day_above_12_settles_the_column_however_late_it_comes(tmp_path: Path, last: str, first_day: str) -> None:
    found = dated(tmp_path, *["03/04/2025"] * 1500, last)
    assert set(days(found)) == {first_day, "2025-04-13"}


def test_the_reading_that_takes_more_days_wins(tmp_path: Path) -> None:
    found = dated(tmp_path, "13/04/2025", "14/04/2025", "04/15/2025")
    assert days(found) == ["2025-04-13", "2025-04-14"]
    assert refusal(lambda: dated(tmp_path, "13/04/2025", "04/15/2025")).code == "mixed-dates"
    assert refusal(lambda: dated(tmp_path, "03/04/2025", "soon")).code == "ambiguous-dates"


def test_a_column_has_one_format(tmp_path: Path) -> None:
    found = dated(tmp_path, "2024-01-15", "2024-01-16", "17/01/2024", "18.01.2024")
    assert days(found) == ["2024-01-15", "2024-01-16"]
    assert lines(found.inputs[0].rejected) == {"unreadable date": (4, 5)}


# ---- years


def test_a_short_year_is_of_this_century_or_the_last(tmp_path: Path) -> None:
    assert days(dated(tmp_path, "01/31/24", "12/31/99", "1/1/80")) == ["2024-01-31", "1999-12-31", "1980-01-01"]


def test_of_short_years_the_reading_without_a_future_is_the_better_one(tmp_path: Path) -> None:
    """Days up to the 26th may be years up to 2026; only one of the readings has all its days behind it."""
    found = dated(tmp_path, "24/01/31", "24/02/26", today=date(2024, 3, 1))
    assert (days(found), how(found)) == (["2024-01-31", "2024-02-26"], "YY/MM/DD")
    found = dated(tmp_path, "25/01/26", "27/01/26", today=date(2026, 1, 27))
    assert (days(found), how(found)) == (["2026-01-25", "2026-01-27"], "DD/MM/YY")


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        *(("1979-12-31", "1980-01-01"), ("2101-01-01", "2024-01-01"), ("0001-01-01", "2024-01-01")),
        *(("31/12/1979", "31/01/1980"), ("1 Jan 1900", "1 Jan 2000"), ("315532799", "315532800")),
        *(("1969年12月31日", "1980年1月1日"), ("9999-W01-1", "2024-W01-1"), ("1970-001", "1980-001")),
    ],
)
def test_a_placeholder_is_no_date(tmp_path: Path, bad: str, good: str) -> None:
    found = dated(tmp_path, bad, good)
    assert lines(found.inputs[0].rejected) == {"unreadable date": (2,)}


def test_a_date_far_ahead_is_of_the_future_up_to_2100(tmp_path: Path) -> None:
    found = dated(tmp_path, "2024-01-01", "2100-12-31", "2101-01-01")
    assert lines(found.inputs[0].left_out) == {"in the future": (3,)}
    assert lines(found.inputs[0].rejected) == {"unreadable date": (4,)}


# ---- what is no day


@pytest.mark.parametrize(
    "bad",
    [
        *("2024-02-30", "2024-13-01", "2024-01-15garbage", "2024-01-15 10", "24-01-15", "2024-01-15 10:0"),
        *("", "-", "n/a", "1900-01-01", "9999-12-31", "0000-00-00", "2024-01-15 24:00", "2024-01-15 10:00 XM"),
    ],
)
def test_what_is_no_day_is_set_aside(tmp_path: Path, bad: str) -> None:
    found = dated(tmp_path, "2024-01-14", bad, "2024-01-16")
    assert days(found) == ["2024-01-14", "2024-01-16"]
    assert lines(found.inputs[0].rejected) == {"unreadable date": (3,)}


@pytest.mark.parametrize("bad", ["2023-366", "2024-367", "2024-000", "2023-W53-1", "2024-W00-1", "2024-W05-8"])
def test_weeks_and_days_of_the_year_are_counted(tmp_path: Path, bad: str) -> None:
    good = "2024-366" if "W" not in bad else "2020-W53-5"
    assert len(days(dated(tmp_path, bad, good))) == 1


def test_the_29th_of_february_is_a_day_in_leap_years_only(tmp_path: Path) -> None:
    found = dated(tmp_path, "2024-02-29", "2023-02-29", "2000-02-29", "2100-02-29")
    assert days(found) == ["2024-02-29", "2000-02-29"]


def test_dates_in_no_known_format_are_refused_with_an_example(tmp_path: Path) -> None:
    error = refusal(lambda: dated(tmp_path, "", "15th of Jan", "16th of Jan"))
    assert error.code == "unknown-date-format"
    assert "'15th of Jan'" in error.message
    assert "YYYY-MM-DD" in error.remedy


def test_a_column_without_any_date_has_no_rows(tmp_path: Path) -> None:
    assert refusal(lambda: dated(tmp_path, "", "")).code == "no-rows"


def test_an_unknown_format_name_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    error = refusal(lambda: dated(tmp_path, "03/04/2025", date_format="DDMMYYYY"))
    assert error.code == "unknown-date-format"
    assert all(known.name in error.remedy for known in DATE_FORMATS)


# ---- clocks


def test_a_stamp_counts_as_written_where_no_timezone_is_set(tmp_path: Path) -> None:
    stamps = ["2024-01-15 23:30:00 -0700", "2024-01-15T00:30:00+09:00", "2024-01-15T23:59:59Z"]
    assert days(dated(tmp_path, *stamps)) == ["2024-01-15"] * 3


@pytest.mark.parametrize(
    "stamp",
    [
        *("2024-01-15T00:30:00Z", "2024-01-15T00:30Z", "2024-01-15 00:30:00 UTC", "2024-01-15 00:30:00 +0000"),
        *("2024-01-15 00:30:00+00:00", "2024-01-15T01:30:00+01:00", "2024-01-15T00:30:00.999Z"),
        *("2024-01-15 0:30:00+00:00", "2024-01-15  00:30 GMT", "1705278600", "1705278600000", "1705278600000000"),
        *("15.01.2024 00:30 Z", "20240115T00:30Z", "1705278600.5"),
    ],
)
def test_a_stamp_with_an_offset_moves_to_the_shops_timezone(tmp_path: Path, stamp: str) -> None:
    assert days(dated(tmp_path, stamp, timezone="America/New_York")) == ["2024-01-14"]
    assert days(dated(tmp_path, stamp, timezone="Asia/Shanghai")) == ["2024-01-15"]


def test_an_epoch_is_counted_in_utc(tmp_path: Path) -> None:
    assert days(dated(tmp_path, "1705276799", "1705276800")) == ["2024-01-14", "2024-01-15"]
    assert days(dated(tmp_path, "1705276799999", "1705276800000")) == ["2024-01-14", "2024-01-15"]


def test_a_stamp_without_an_offset_stays_where_it_is(tmp_path: Path) -> None:
    stamps = ["2024-01-15", "2024-01-15 00:30:00", "2024-01-15T23:30", "2024-01-15 11:30 PM"]
    assert days(dated(tmp_path, *stamps, timezone="America/New_York")) == ["2024-01-15"] * 4


def test_summer_time_begins_and_ends(tmp_path: Path) -> None:
    stamps = ["2024-03-30T22:59Z", "2024-03-30T23:00Z", "2024-03-31T21:59Z", "2024-03-31T22:00Z"]
    found = dated(tmp_path, *stamps, timezone="Europe/Berlin")
    assert days(found) == ["2024-03-30", "2024-03-31", "2024-03-31", "2024-04-01"]
    stamps = ["2024-10-26T21:59Z", "2024-10-26T22:00Z", "2024-10-27T22:59Z", "2024-10-27T23:00Z"]
    found = dated(tmp_path, *stamps, timezone="Europe/Berlin")
    assert days(found) == ["2024-10-26", "2024-10-27", "2024-10-27", "2024-10-28"]


@pytest.mark.parametrize(
    ("stamps", "noted"),
    [
        (("2024-01-15 10:00:00 -0500", "2024-07-15 10:00:00 -0400"), False),
        (("2024-01-15 10:00:00 -0500", "2024-01-15 10:00:00 +0100"), True),
        (("2024-01-15T10:00:00Z", "2024-01-15T10:00:00+0200"), True),
        (("2024-01-15 10:00", "2024-01-16 10:00"), False),
    ],
)
def test_offsets_beyond_summer_time_are_noted(tmp_path: Path, stamps: tuple[str, str], noted: bool) -> None:
    assert any("offsets" in note for note in dated(tmp_path, *stamps).inputs[0].notes) == noted
    assert not dated(tmp_path, *stamps, timezone="Europe/Berlin").inputs[0].notes


@pytest.mark.parametrize("sign", "/-.")
def test_year_first_and_day_first_may_be_told_apart_by_nothing(tmp_path: Path, sign: str) -> None:
    """dates.settle: rivals need the same pattern, so 24/01/05 is taken for 24 January 2005 without a word."""
    written = [f"24{sign}01{sign}05", f"24{sign}02{sign}06"]
    assert refusal(lambda: dated(tmp_path, *written)).code == "ambiguous-dates"


@pytest.mark.parametrize("written", ["31-Dec-99", "Dec 31, 99"])
def test_a_short_year_after_a_named_month_may_be_of_the_last_century(tmp_path: Path, written: str) -> None:
    later = written.replace("99", "01").replace("Dec", "Jan")
    assert days(dated(tmp_path, written, later)) == ["1999-12-31", "2001-01-31"]


@pytest.mark.parametrize(
    "stamp",
    [
        *("Wed, 31 Jan 2024 22:30:00 +0000", "Jan 31, 2024 22:30 Z", "2024年1月31日 22:30 +0000", "2024-031T22:30Z"),
        *("2024-01-31 10:30 PM +0000", "2024-01-31 10:30:00 pm UTC", "2024-01-31 22:30:00 GMT+0000"),
        *("2024-01-31 22:30:00 UTC+00:00", "31/01/2024, 22:30 Z", "2024-01-31T22:30:00,5Z"),
    ],
)
def test_any_stamp_with_an_offset_moves_to_the_shops_timezone(tmp_path: Path, stamp: str) -> None:
    """dates._in_zone knows formats in figures with a clock of 24 hours only; the others silently stay as written."""
    assert days(dated(tmp_path, stamp, timezone="Asia/Shanghai")) == ["2024-02-01"]


def test_quoted_empty_cells_are_no_example(tmp_path: Path) -> None:
    """dates._no_format drops nulls, but a quoted empty cell is ''."""
    error = refusal(lambda: dated(tmp_path, '""', "15th of Jan"))
    assert "'15th of Jan'" in error.message
    assert refusal(lambda: dated(tmp_path, '""', '""')).code == "no-rows"


def test_offsets_after_gmt_and_half_days_count_too(tmp_path: Path) -> None:
    """dates.offset_hours does not see offsets after GMT or am/pm."""
    for stamps in (
        ("2024-01-31 10:30 GMT+0900", "2024-01-31 10:30 GMT-0700"),
        ("2024-01-31 10:30 PM +0900", "2024-01-31 10:30 PM -0700"),
    ):
        assert any("offsets" in note for note in dated(tmp_path, *stamps).inputs[0].notes)


def test_days_of_both_ways_are_not_called_open(tmp_path: Path) -> None:
    error = refusal(lambda: dated(tmp_path, "31/01/2024", "01/31/2024"))
    assert error.code == "mixed-dates"
    assert "written in two ways, DD/MM/YYYY and MM/DD/YYYY" in error.message


STAMPS = st.builds(
    str.__add__,
    st.from_regex(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}|[0-9]{8}", fullmatch=True),
    st.sampled_from(["", " 10:30", " 23:59:59", "T00:00:00.000Z", " 9:15 PM", " 25:00", " 10:30 +0200", "Z", "x"]),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(STAMPS, min_size=1, max_size=6),
    st.lists(STAMPS, max_size=6),
    st.sampled_from([how for how in DATE_FORMATS if how.strptime]),
    st.sampled_from([None, "Asia/Tokyo"]),
)
def test_days_read_by_position_are_those_read_closely(
    sample: list[str], others: list[str], how: DateFormat, timezone: str | None
) -> None:
    cells, cell = pl.Series("cell", [*sample, *others], dtype=pl.String), pl.col("cell")
    found = cells.to_frame().select(
        quick=plain_day(cell, how, timezone, cells.head(len(sample))), close=day(cell, how, timezone)
    )
    quick = found.drop_nulls("quick")
    assert quick["quick"].to_list() == quick["close"].to_list()


@pytest.mark.parametrize(("sample", "stamp"), [("2024-01-31", "2024-02-03"), ("2024-01-31 10:00", "2024-02-03 23:59")])
def test_stamps_built_like_the_sample_are_read_by_position(sample: str, stamp: str) -> None:
    iso = DATE_FORMATS[0]
    assert pl.select(plain_day(pl.lit(stamp), iso, None, pl.Series([sample]))).item() == date(2024, 2, 3)
