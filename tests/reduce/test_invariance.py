"""What must not change the facts: the order of rows and columns, overlapping exports, offsets of its own zone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merchant_check.facts import last_day, month_number

from .shops import Invented, Row, facts_of, reviewed, shops

PROPERTY = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


def day_of(row: Row) -> str:
    return (row.get("ordered_at") or row["invoice_date"])[:10]


@PROPERTY
@given(shop=shops(), chance=st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_is_no_matter(tmp_path: Path, shop: Invented, chance: Random) -> None:
    rows, columns = list(shop.rows), list(shop.header)
    chance.shuffle(rows)
    chance.shuffle(columns)
    assert facts_of(tmp_path, shop, shop.of(rows).csv(columns)) == facts_of(tmp_path, shop)


@PROPERTY
@given(shop=shops(), where=st.tuples(st.floats(0, 1), st.floats(0, 1)), newest_first=st.booleans())
def test_two_overlapping_exports_are_one(
    tmp_path: Path, shop: Invented, where: tuple[float, float], newest_first: bool
) -> None:
    days = sorted(day_of(row) for row in shop.rows)
    start, end = (days[int(share * (len(days) - 1))] for share in sorted(where))
    older = shop.of(row for row in shop.rows if day_of(row) <= end).csv()
    newer = shop.of(row for row in shop.rows if day_of(row) >= start).csv()
    files = (newer, older) if newest_first else (older, newer)
    assert facts_of(tmp_path, shop, *files) == facts_of(tmp_path, shop)


@PROPERTY
@given(shop=shops(), zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]))
def test_offsets_of_the_shops_own_zone_change_nothing(tmp_path: Path, shop: Invented, zone: str) -> None:
    column = "ordered_at" if "ordered_at" in shop.header else "invoice_date"
    stamps = [datetime.fromisoformat(row[column]).replace(tzinfo=ZoneInfo(zone)) for row in shop.rows]
    local = shop.of(row | {column: stamp.isoformat()} for row, stamp in zip(shop.rows, stamps, strict=True))
    universal = shop.of(
        row | {column: stamp.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%d %H:%M:%S +0000")}
        for row, stamp in zip(shop.rows, stamps, strict=True)
    )
    plain = facts_of(tmp_path, shop)
    assert facts_of(tmp_path, shop, local.csv()) == plain
    assert facts_of(tmp_path, shop, local.csv(), timezone=zone) == plain
    assert facts_of(tmp_path, shop, universal.csv(), timezone=zone) == plain


@PROPERTY
@given(shop=shops(), share=st.floats(0, 1))
def test_facts_until_a_month_are_those_of_an_export_made_then(tmp_path: Path, shop: Invented, share: float) -> None:
    facts = reviewed(tmp_path, shop.csv(), as_of=shop.as_of, opened=shop.opened).facts
    first, last = month_number(facts.totals.first_day), month_number(facts.as_of)
    month = first + round(share * (last - first))
    end = min(last_day(month), facts.as_of)
    cut = shop.of(row for row in shop.rows if day_of(row) <= str(end))
    then, export = facts.until(month), reviewed(tmp_path, cut.csv(), as_of=end, opened=shop.opened).facts
    assert then.as_of == export.as_of
    assert (then.months, then.days, then.cohorts) == (export.months, export.days, export.cohorts)
    followed = [row for row in then.second_order if (row.to, row.group) == (month, "all")]
    if month >= last - 13:  # twelve month-ends of a series, and their earlier ones
        assert followed == [row for row in export.second_order if (row.to, row.group) == (month, "all")]
