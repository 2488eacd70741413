"""What would turn a finding, its next line and the room to grow: the words, and that every format has them."""

from __future__ import annotations

import json
from dataclasses import replace
from html import unescape

import pytest

from merchant_check.render import html, json_v1, markdown, nagios, outlook, prometheus, terminal
from merchant_check.report import Finding, Headroom, Quantity, Report, Status, Step

from . import shops
from .test_terminal import flat, with_finding

PEOPLE = Step("pace", "people", Quantity(6, "people"), "{amount} more on the team")
ORDERS = Step("pace", "orders", Quantity(1900, "orders"), "{amount} fewer a month")
STOCK = Step("growth", "stock", shops.money(67_500), "{amount} less stock")
ON_AVERAGE = Step("days", "stock", shops.money(1_250), "{amount} less stock on average")
TOO_FAR = Step("share", "repeat-orders", None, "even twice the repeat orders would not be enough")


def pace(value: float = 0.62, *steps: Step, months: float | None = None) -> Finding:
    made = shops.finding("growth-pace", value, summary="Many orders.")
    return replace(made, to_ok=steps, months_to_next_line=months)


def test_ways_to_turn_one_figure_are_alternatives() -> None:
    said = outlook.turning(pace(0.62, PEOPLE, ORDERS), "EUR")
    assert said == "To bring it back: 6 people more on the team, or 1,900 orders fewer a month."


def test_one_is_one() -> None:
    said = outlook.turning(pace(0.62, replace(PEOPLE, amount=Quantity(1, "people"))), None)
    assert said == "To bring it back: 1 person more on the team."


def test_each_figure_needs_its_own_and_further_ones_are_named() -> None:
    finding = replace(shops.finding("inventory", 0.4, 0.1, 120), to_ok=(STOCK, ON_AVERAGE))
    assert outlook.turning(finding, "EUR") == (
        "To bring it back: 67,500 EUR less stock; days of stock: 1,250 EUR less stock on average."
    )


def test_what_is_out_of_reach_is_said() -> None:
    finding = replace(shops.finding("repeat-share", 0.1), to_ok=(TOO_FAR,), summary="Few came back.")
    assert outlook.turning(finding, None) == "Not in one step: even twice the repeat orders would not be enough."
    assert outlook.step_sentence(finding, TOO_FAR, None) == (
        "Even twice the repeat orders would not be enough. Few came back."
    )


def test_where_one_way_is_known_the_other_is_not_told() -> None:
    assert outlook.turning(pace(0.62, replace(PEOPLE, amount=None), ORDERS), None) == (
        "To bring it back: 1,900 orders fewer a month."
    )


def test_nothing_is_said_of_what_is_ok() -> None:
    assert outlook.turning(pace(0.1), None) == ""
    assert outlook.trend(pace(0.1)) == ""


@pytest.mark.parametrize(
    ("value", "months", "said"),
    [
        (0.1, 4.4, "At this pace it crosses its warning line in about 4 months."),
        (0.3, 1.2, "At this pace it crosses its critical line in about 1 month."),
        (0.25, 0.0, "At this pace it crosses its warning line within a month."),
    ],
)
def test_the_next_line(value: float, months: float, said: str) -> None:
    assert outlook.trend(pace(value, months=months)) == said


def people(value: float, *binding: str, already: bool = False) -> Headroom:
    bound = "newcomers" if binding else None
    return Headroom("hires", Quantity(value, "people"), Quantity(20, "people"), bound, binding, already)


@pytest.mark.parametrize(
    ("headroom", "said"),
    [
        (people(8, "Newcomers"), "up to 8 people, then Newcomers turns"),
        (people(1, "Newcomers", "Runway"), "up to 1 person, then Newcomers and Runway turn"),
        (people(20), "up to 20 people, as much again as today: no check turns"),
        (people(0, "Newcomers"), "none: the first one would turn Newcomers"),
        (
            people(0, "Runway", already=True),
            "none: Runway is beyond its critical line already, and more would make it worse",
        ),
        (
            Headroom("marketing", shops.money(4_000), shops.money(9_000), "runway", ("Runway",)),
            "up to 4,000 EUR more a month, then Runway turns",
        ),
        (
            Headroom("marketing", shops.money(0), shops.money(9_000), "runway", ("Runway",)),
            "none: even a little more would turn Runway",
        ),
        (Headroom("locations", reason="no locations given"), "unknown: no locations given"),
    ],
)
def test_room_in_words(headroom: Headroom, said: str) -> None:
    assert outlook.room(headroom, "EUR") == said


def full() -> Report:
    report = with_finding(shops.critical(), pace(0.4, PEOPLE, ORDERS, months=2.0))
    return replace(report, room=(people(8, "Newcomers"), Headroom("locations", reason="no locations <given>")))


SAID = (
    "To bring it back: 6 people more on the team, or 1,900 orders fewer a month.",
    "At this pace it crosses its critical line in about 2 months.",
    "up to 8 people, then Newcomers turns",
    "unknown: no locations <given>",
)


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_card_says_it_all(width: int) -> None:
    text = terminal.render(full(), width=width, color=False, unicode=True)
    assert all(said in flat(text) for said in SAID)
    assert "ROOM TO GROW" in text
    assert max(map(len, text.splitlines())) <= width
    assert "ROOM TO GROW" not in terminal.render(shops.critical(), width=width, color=False, unicode=True)


def test_the_page_and_the_markdown_say_it_all() -> None:
    page, text = html.render(full()), markdown.render(full())
    assert "<given>" not in page
    assert all(said in unescape(page) for said in SAID)
    assert "<given>" not in text
    assert all(said in unescape(text) for said in SAID)
    assert "Room to grow" not in html.render(shops.critical()) + markdown.render(shops.critical())


def test_json_has_the_numbers_and_the_words() -> None:
    document = json.loads(json_v1.render(full(), exit_code=2))
    finding = document["subjects"][0]["findings"][0]
    assert finding["months_to_next_line"] == 2
    assert finding["to_ok"][0] == {
        "part": "pace",
        "lever": "people",
        "amount": 6,
        "unit": "people",
        "text": "6 people more on the team would bring it back.",
    }
    assert document["room_to_grow"] == {
        "hires": {
            "value": 8,
            "unit": "people",
            "limit": 20,
            "bound_by": "newcomers",
            "reason": "up to 8 people, then Newcomers turns",
        },
        "locations": {
            "value": None,
            "unit": None,
            "limit": None,
            "bound_by": None,
            "reason": "no locations <given>",
        },
    }


def test_monitoring_gets_what_is_known() -> None:
    metrics = prometheus.render(full())
    assert 'merchant_check_room_to_grow{lever="hires",merchant="' in metrics
    assert 'lever="locations"' not in metrics
    assert 'merchant_check_months_to_next_line{check="growth-pace",' in metrics
    plugin = nagios.render(full(), exit_code=2)
    assert "'room.hires'=8" in plugin.splitlines()[0]
    assert "room.locations" not in plugin
    assert "To bring it back: 6 people more on the team" in plugin


def test_a_report_without_room_has_none() -> None:
    assert json.loads(json_v1.render(shops.critical(), exit_code=2))["room_to_grow"] == {}
    assert pace().status is Status.CRITICAL
