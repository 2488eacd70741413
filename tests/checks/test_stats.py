"""The statistics against published examples, and against the same thing worked out the long way."""

from __future__ import annotations

from math import exp, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merchant_check.stats import ClusteredShare, kaplan_meier, nearest_rank, ratio_interval, wilson

from .shops import near

# --- Wilson's interval ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cases", "n", "low", "high"),
    [  # R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Stat. Med. 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_newcombe_has_it(cases: int, n: int, low: float, high: float) -> None:
    found = wilson(cases / n, n)
    assert (found.value, found.low, found.high) == near((cases / n, low, high), abs=5e-5)


@given(st.integers(1, 10_000), st.data())
def test_wilson_ends_are_the_shares_at_which_the_score_test_just_rejects(n: int, data: st.DataObject) -> None:
    cases = data.draw(st.integers(0, n))
    found = wilson(cases / n, n)
    for end in (found.low, found.high):
        if 0 < end < 1:
            assert abs(cases / n - end) == near(1.959964 * sqrt(end * (1 - end) / n), rel=1e-6, abs=1e-12)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_wilson_takes_a_fractional_sample_size() -> None:
    assert wilson(0.5, 30).low < wilson(0.5, 30.5).low < wilson(0.5, 31).low


# --- the change of a count -----------------------------------------------------------------------------------


def test_a_ratio_of_rates_as_rothman_has_it() -> None:
    """Breast cancer after fluoroscopy: 41 in 28,010 person-years against 15 in 19,017 (Rothman & Greenland 1998)."""
    found = ratio_interval((41 / 28_010) / (15 / 19_017), 41, 15)
    assert (found.value + 1, found.low + 1, found.high + 1) == near((1.86, 1.03, 3.35), abs=0.005)


def test_150_against_100_is_half_as_much_again_give_or_take() -> None:
    # by hand: √(1/150 + 1/100) = 0.129099; × 1.959964 = 0.253030; e^ = 1.287922
    found = ratio_interval(1.5, 150, 100)
    assert (found.value, found.low, found.high) == near((0.5, 1.5 / 1.287922 - 1, 1.5 * 1.287922 - 1), abs=1e-6)


def test_a_fall_is_the_mirror_of_a_rise() -> None:
    rise, fall = ratio_interval(1.25, 50, 40), ratio_interval(0.8, 40, 50)
    assert (1 + fall.low) * (1 + rise.high) == near(1)
    assert (1 + fall.high) * (1 + rise.low) == near(1)


# --- Kaplan and Meier ----------------------------------------------------------------------------------------

# Weeks to relapse under 6-MP: 21 children, nine relapsed, twelve were censored (Freireich et al. 1963). Estimates and
# log(-log) intervals as in Kalbfleisch & Prentice and in R, survfit(conf.type = "log-log").
RELAPSES = [(6, 21, 3), (7, 17, 1), (10, 15, 1), (13, 12, 1), (16, 11, 1), (22, 7, 1), (23, 6, 1)]


@pytest.mark.parametrize(
    ("week", "survival", "low", "high"),
    [
        (6, 0.857, 0.620, 0.952),
        (7, 0.807, 0.563, 0.923),
        (9, 0.807, 0.563, 0.923),
        (10, 0.753, 0.503, 0.889),
        (13, 0.690, 0.432, 0.849),
        (16, 0.627, 0.368, 0.805),
        (22, 0.538, 0.268, 0.747),
        (23, 0.448, 0.188, 0.680),
        (35, 0.448, 0.188, 0.680),
    ],
)
def test_kaplan_meier_on_the_6mp_children(week: int, survival: float, low: float, high: float) -> None:
    found = kaplan_meier(RELAPSES, week)
    assert (1 - found.value, 1 - found.high, 1 - found.low) == near((survival, low, high), abs=6e-4)


def test_without_censoring_it_is_the_plain_share() -> None:
    found = kaplan_meier([(3, 100, 10), (20, 90, 15), (90, 75, 0)], 90)
    assert found.value == near(0.25)
    greenwood = 0.25 / (100 * 0.75)  # = p / (n (1 - p)), the binomial variance over S²
    half = 1.959964 * sqrt(greenwood) / 0.2876821  # |ln 0.75|
    assert (found.low, found.high) == near((1 - 0.75 ** exp(-half), 1 - 0.75 ** exp(half)))


@pytest.mark.parametrize("rows", [[], [(5, 40, 0)], [(500, 40, 20)]])
def test_nobody_within_the_horizon_is_nothing(rows: list[tuple[int, int, int]]) -> None:
    found = kaplan_meier(rows, 365)
    assert (found.value, found.low) == (0, 0)


def test_a_day_on_which_nobody_is_left_changes_nothing() -> None:
    assert kaplan_meier([(30, 10, 5), (90, 0, 0)], 90) == kaplan_meier([(30, 10, 5)], 90)


def test_everybody_is_all() -> None:
    assert kaplan_meier([(5, 40, 40)], 365) == wilson(1, 40)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=12))
def test_kaplan_meier_is_the_product_of_daily_chances(days: list[tuple[int, int]]) -> None:
    """By simulation of a table: so many come back and so many are lost from sight each day, 50 stay to the end."""
    at_risk = sum(events + lost for events, lost in days) + 50
    rows, survival = [], 1.0
    for day, (events, lost) in enumerate(days, 1):
        rows.append((day, at_risk, events))
        survival *= (at_risk - events) / at_risk
        at_risk -= events + lost
    found = kaplan_meier(rows, len(days))
    assert found.value == near(1 - survival)
    assert 0 <= found.low <= found.value + 1e-12 <= found.high + 2e-12 <= 1 + 2e-12


# --- orders of the same customers ----------------------------------------------------------------------------

Customers = list[tuple[int, int]]
CUSTOMERS = st.lists(st.integers(1, 9).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1)


def clustered(customers: Customers) -> ClusteredShare:
    return ClusteredShare(
        sum(r for r, _ in customers),
        sum(n for _, n in customers),
        sum(r * r for r, _ in customers),
        sum(r * n for r, n in customers),
        sum(n * n for _, n in customers),
    )


@given(CUSTOMERS)
def test_its_variance_is_that_of_the_customers_own_residuals(customers: Customers) -> None:
    share = clustered(customers)
    p = sum(r for r, _ in customers) / sum(n for _, n in customers)
    residuals = sum((r - p * n) ** 2 for r, n in customers)
    assert share.share == p
    assert share.variance == near(residuals / sum(n for _, n in customers) ** 2, abs=1e-12)


@settings(max_examples=200)
@given(CUSTOMERS)
def test_clustering_never_narrows_the_interval_below_that_of_single_orders(customers: Customers) -> None:
    share = clustered(customers)
    found, single = share.interval(), wilson(share.share, share.n)
    assert found.low <= single.low + 1e-12
    assert found.high >= single.high - 1e-12
    assert found.low <= found.value == share.share <= found.high


def test_customers_with_one_order_each_are_plain_wilson() -> None:
    assert clustered([(1, 1)] * 30 + [(0, 1)] * 70).interval() == wilson(0.3, 100)


def test_twenty_customers_with_five_orders_each_all_or_none_count_as_twenty() -> None:
    found, twenty = clustered([(5, 5)] * 6 + [(0, 5)] * 14).interval(), wilson(0.3, 20)
    assert (found.low, found.high) == near((twenty.low, twenty.high))


def test_customers_who_all_order_alike_are_no_more_than_their_orders() -> None:
    assert clustered([(1, 2)] * 50).interval() == wilson(0.5, 100)


@pytest.mark.parametrize("repeat", [0, 40])
def test_none_or_all_repeat_is_wilson_at_its_end(repeat: int) -> None:
    assert clustered([(repeat, 40)]).interval() == wilson(repeat / 40, 40)


# --- nearest rank --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("percent", "value"), [(5, 15), (20, 15), (21, 20), (30, 20), (40, 20), (50, 35), (95, 50), (100, 50), (0, 15)]
)
def test_nearest_rank_of_five(percent: int, value: int) -> None:
    assert nearest_rank([15, 20, 35, 40, 50], percent / 100) == value  # the worked example of Wikipedia, "Percentile"


def test_nearest_rank_of_nothing_is_nothing() -> None:
    assert nearest_rank([], 0.95) == 0


@given(st.lists(st.integers(0, 60), min_size=1, max_size=80), st.integers(1, 100))
def test_nearest_rank_is_the_smallest_value_with_enough_at_or_below_it(values: list[int], percent: int) -> None:
    enough = [
        value for value in sorted(values) if 100 * sum(other <= value for other in values) >= percent * len(values)
    ]
    assert nearest_rank(sorted(values), percent / 100) == enough[0]
