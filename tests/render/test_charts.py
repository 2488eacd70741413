"""Charts: the scale holds the values, nothing leaves the picture, and they show what the checks judged."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchant_check.facts import Month
from merchant_check.render import charts, words
from merchant_check.render.charts import Chart, months_named
from merchant_check.render.svg import WIDTH, Caption, Label, Plot, scale
from merchant_check.report import Part, Report

from . import pages, shops

values = st.floats(-1e12, 1e12).map(lambda value: round(value, 6))
units = st.sampled_from(["share", "change", "points", "months", "multiple", "money", "count"])


def tree(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def words_in(svg: str) -> list[str]:
    return [element.text or "" for element in tree(svg).iter("text")]


def styled(svg: str, style: str) -> list[ElementTree.Element]:
    return [element for element in tree(svg).iter() if element.get("class") == style]


@given(st.lists(values, min_size=1, max_size=6), units)
def test_the_marks_hold_the_values_and_are_few(given_values: list[float], unit: str) -> None:
    marks = scale(given_values, unit).marks
    step = marks[1] - marks[0]
    assert marks[0] <= min(given_values) + step * 1e-6
    assert marks[-1] >= max(given_values) - step * 1e-6
    assert 2 <= len(marks) <= 7


@pytest.mark.parametrize(
    ("given_values", "unit", "names"),
    [
        ([0.31, 0.58], "share", ("30%", "40%", "50%", "60%")),
        ([0.121, 0.124], "share", ("12.1%", "12.2%", "12.3%", "12.4%")),
        ([-0.1, 0.87], "change", ("−50%", "0%", "+50%", "+100%")),
        ([3.9, 20.3], "months", ("0", "5", "10", "15", "20", "25")),
        ([0, 0], "count", ("0", "1")),
        ([math.inf, math.nan], "count", ("0", "1")),
        ([0.46], "share", ("40%", "60%")),
        ([0, 9_000_000_000, 12_500_000_000], "money", ("0", "500,000", "1.00 M", "1.50 M")),
    ],
)
def test_marks_are_round_and_named(given_values: list[float], unit: str, names: tuple[str, ...]) -> None:
    assert scale(given_values, unit).names == names


@given(st.lists(st.one_of(st.none(), values), min_size=12, max_size=12), units)
def test_nothing_leaves_the_picture(series: list[float | None], unit: str) -> None:
    known = [value for value in series if value is not None]
    labels = [Label(value, words.number(value, unit), "now") for value in known[:3]]
    plot = Plot(Caption("id", "title", "text"), charts.SMALL, (0, 11), scale(known, unit), labels)
    plot.line(list(enumerate(series)), "line first")
    for element in tree(str(plot)).iter():
        for point in re.findall(r"(-?[\d.]+) (-?[\d.]+)", element.get("d", "")):
            assert -0.1 <= float(point[0]) <= WIDTH + 0.1
            assert -0.1 <= float(point[1]) <= charts.SMALL + 0.1
    heights = sorted(
        float(label.get("y", "")) for label in tree(str(plot)).iter("text") if "now" in label.get("class", "")
    )
    assert all(below - above > 11 for above, below in pairwise(heights))


def test_a_missing_month_breaks_the_line_and_a_lone_one_is_a_dot() -> None:
    finding = shops.finding("growth-pace", 0.3, series=(0.1, 0.2, None, 0.2, None, 0.25, 0.3))
    chart = charts.of_finding(finding)
    assert chart
    assert len(styled(chart.svg, "line first")) == 2
    assert len(styled(chart.svg, "line first dot")) == 1


def test_a_findings_chart_draws_its_lines_its_window_and_its_interval() -> None:
    finding = shops.finding("growth-pace", Part("pace", 0.62, 0.55, 0.7), series=shops.ramp(0.05, 0.62))
    chart = charts.of_finding(finding)
    assert chart
    assert {"▲\ufe0e +25%", "✖\ufe0e +50%", "+62%", "Oct 2026"} <= set(words_in(chart.svg))
    assert [len(styled(chart.svg, f"line {status}")) for status in ("warning", "critical")] == [1, 1]
    assert len(styled(chart.svg, "whisker")) == 1
    across = styled(chart.svg, "grid")[0].get("d", "")
    left, right = (float(place.split()[0]) for place in across.removeprefix("M").split("L"))
    shaded = float(styled(chart.svg, "window")[0].get("width", ""))
    assert shaded == pytest.approx((right - left) * 3 / 12, abs=0.2)
    assert chart.text == "+5% in November 2025 to +62% in October 2026; warning above +25%, critical above +50%."


@pytest.mark.parametrize("series", [(), (None,) * 12, (math.inf, math.nan) * 6])
def test_without_a_known_figure_there_is_no_chart(series: shops.Series) -> None:
    assert charts.of_finding(shops.finding("growth-pace", 0.3, series=series)) is None


def of(report: Report, subject: str) -> dict[str, Chart]:
    return {chart.id: chart for chart in charts.of_subject(report, subject)}


def test_growth_is_measured_as_the_check_measures_it() -> None:
    """At the end of the chart, orders against people is what growth-pace found."""
    for name in pages.STORIES:
        report = pages.story(name)
        pace = next(finding for finding in report.findings if finding.id == "growth-pace").first
        found = dict(re.findall(r"(orders|people) ([+−]?\d+)%", of(report, "team")["growth"].text))
        orders, people = (1 + int(found[key].replace("−", "-")) / 100 for key in ("orders", "people"))
        assert pace
        assert pace.value == pytest.approx(orders / people - 1, abs=0.02)


def test_the_curve_ends_where_the_check_judges() -> None:
    for name in pages.STORIES:
        report = pages.story(name)
        part = next(finding for finding in report.findings if finding.id == "second-order").first
        chart = of(report, "customers")["curve"]
        assert part
        assert part.low is not None
        assert words.figure(part) in words_in(chart.svg)
        assert chart.text.startswith(
            f"{words.figure(part)} within 365 days; 95% interval {words.number(part.low, 'share')}"
        )


def test_customers_are_stacked_to_the_active_ones() -> None:
    report = pages.story("steady")
    chart = of(report, "customers")["customers"]
    table = chart.table
    assert table
    assert table.headings == ("month", "new", "returning")
    assert len(table.rows) == charts.MONTHS
    last = report.facts.month(report.complete_to or 0)
    assert table.rows[0] == ("October 2026", f"{last.new_customers:,}", f"{last.returning_customers:,}")
    assert len(styled(chart.svg, "bar first")) == len(styled(chart.svg, "bar second")) == charts.MONTHS


def test_cash_is_drawn_on_to_the_end_of_the_runway() -> None:
    burning, earning = (of(pages.story(name), "cash")["balance"] for name in ("ad-burn", "steady"))
    assert len(styled(burning.svg, "line ahead")) == 1
    assert "Dashed: if 18,110 EUR a month keep going out." in burning.text
    assert styled(earning.svg, "line ahead") == []
    assert "Dashed" not in earning.text


def test_a_shop_with_little_data_has_few_charts() -> None:
    for make in shops.ALL.values():
        assert [charts.of_subject(make(), subject) for subject in ("team", "customers", "cash")] == [[], [], []]
    orders = pages.story("steady")
    bare = tuple(Month(row.month, row.orders, revenue=row.revenue) for row in orders.facts.months)
    facts = replace(orders.facts, months=bare, second_order=(), has_customers=False)
    report = replace(orders, facts=facts)
    assert list(of(report, "team")) == ["growth"]
    assert "people" not in of(report, "team")["growth"].title
    assert of(report, "customers") == of(report, "cash") == {}


def test_months_are_named_from_the_first_to_the_last() -> None:
    last = shops.LAST
    assert months_named(last - 2, last) == "August to October 2026"
    assert months_named(last - 11, last) == "November 2025 to October 2026"
    assert months_named(last, last) == "October 2026"
