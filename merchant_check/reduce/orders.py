"""Order rows become monthly, yearly and customer facts; see facts.py for what each figure means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import polars as pl

from merchant_check.facts import (
    FOLLOWED_MONTHS,
    HORIZONS,
    OLDEST_AGE,
    SERIES_MONTHS,
    UNSURE_MONTHS,
    Cohort,
    Day,
    Month,
    RepeatWindow,
    SecondOrder,
    Span,
    Totals,
    Year,
    last_day,
    month_number,
    months_before,
    repeat_window_length,
)
from merchant_check.reduce.customers import PAIR, Tallies, tallies
from merchant_check.stats import nearest_rank

BEST_DAYS = 10  # the days on whose new customers peak-dependence looks
YEARS_BACK = 2 * SERIES_MONTHS  # year rows: one a month-end of the series, and their year-earlier ones


@dataclass(frozen=True)
class OrderFacts:
    """The part of the facts that comes from orders.

    `span`: the complete months (empty if there is none); `complete_to`: the last month that has ended by as_of.
    """

    totals: Totals
    span: Span
    complete_to: int
    months: tuple[Month, ...]
    days: tuple[Day, ...]
    years: tuple[Year, ...]
    repeat_windows: tuple[RepeatWindow, ...]
    second_order: tuple[SecondOrder, ...]
    cohorts: tuple[Cohort, ...]


def reduce_orders(parts: Iterable[pl.LazyFrame], as_of: date, opened: date | None) -> OrderFacts:
    """Reduce order rows (see read.orders.Orders) to facts, as they stand at `as_of`."""
    sums = tallies(parts)
    days = _days(sums, as_of)
    span, complete_to = _complete_months(days, as_of)
    history_complete = opened is not None and opened >= months_before(days[0].day, 1)
    by_month = _by_month(sums)
    months = _months(by_month, sums, days)
    net_known = {month: row["net_known"] for month, row in by_month.items()}
    return OrderFacts(
        totals=_totals(sums, days),
        span=span,
        complete_to=complete_to,
        months=months,
        days=days,
        years=tuple(_years(sums, months, net_known, span)),
        repeat_windows=tuple(_repeat_windows(sums, months, span)),
        second_order=tuple(_second_orders(sums, days, as_of, span, history_complete)),
        cohorts=tuple(_cohorts(sums, months, month_number(as_of))),
    )


def day_of(number: int) -> date:
    """A day counted from 1970."""
    return date(1970, 1, 1) + timedelta(number)


def _days(sums: Tallies, as_of: date) -> tuple[Day, ...]:
    """Every calendar day from the first order to as_of."""
    found = {day_of(row["day"]): row for row in sums.days.iter_rows(named=True)}
    start = min(day for day, row in found.items() if row["orders"])
    every = (start + timedelta(days=offset) for offset in range((as_of - start).days + 1))
    return tuple(
        Day(day, row["orders"], row["revenue"] - row["refund"], row["new"], row["largest"])
        if (row := found.get(day))
        else Day(day, 0, 0, 0, 0)
        for day in every
    )


def _complete_months(days: Sequence[Day], as_of: date) -> tuple[Span, int]:
    """The complete months, allowing at each end the shop's usual gap between order days; and the last month that
    has ended by then, complete in the orders or not."""
    busy = [row.day for row in days if row.orders]
    usual = nearest_rank(sorted((later - day).days for day, later in pairwise(busy)), 0.95)
    first = max(month_number(busy[0]), month_number(busy[0] - timedelta(days=usual + 1)) + 1)
    last = min(month_number(as_of), month_number(as_of + timedelta(days=usual + 1)) - 1)
    return Span(first, max(last, first - 1)), last


def _totals(sums: Tallies, days: Sequence[Day]) -> Totals:
    whole = sums.days.sum().row(0, named=True)
    return Totals(
        orders=whole["orders"],
        orders_with_customer=whole["orders"] - whole["guest_orders"],
        customers=whole["new"],
        repeat_customers=int(sums.seconds["customers"].sum()),
        repeat_orders=whole["repeat_orders"],
        revenue=whole["revenue"],
        refunds=whole["refund"],
        first_day=days[0].day,
        last_day=max(row.day for row in days if row.orders),
    )


def _by_month(sums: Tallies) -> dict[int, dict[str, int]]:
    """The days' sums by month, and the largest order of each."""
    day = _day(pl.col("day"))
    month = (day.dt.year() * 12 + day.dt.month() - 1).alias("month")
    months = sums.days.group_by(month).agg(pl.col("largest").max(), pl.exclude("day", "largest").sum())
    return {row["month"]: row for row in months.iter_rows(named=True)}


def _months(by_month: Mapping[int, Mapping[str, int]], sums: Tallies, days: Sequence[Day]) -> tuple[Month, ...]:
    """Every calendar month from the first order's to as_of's; months without an order stand there with zeros."""
    names = {
        "orders": "orders",
        "orders_without_customer": "guest_orders",
        "revenue": "revenue",
        "refunds": "refund",
        "new_customers": "new",
        "repeat_orders": "repeat_orders",
        "repeat_revenue": "repeat_revenue",
        "largest_order": "largest",
    }
    active, nothing = dict(sums.active.iter_rows()), dict.fromkeys(names.values(), 0)
    return tuple(
        Month(
            month,
            **{field: by_month.get(month, nothing)[name] for field, name in names.items()},
            active_customers=active.get(month, 0),
        )
        for month in range(month_number(days[0].day), month_number(days[-1].day) + 1)
    )


def _pairs(table: pl.DataFrame) -> Iterator[tuple[int, int, int]]:
    """The rows of a table by pairs: the pair's two numbers, and the first sum."""
    for pair, value, *_ in table.iter_rows():
        yield (*divmod(pair, PAIR), value)


def _years(sums: Tallies, months: Sequence[Month], net_known: Mapping[int, int], span: Span) -> Iterator[Year]:
    """A row for each of the last month-ends with twelve complete months behind it."""
    by_month = {row.month: row for row in months}
    buyers, retained = (list(_pairs(table)) for table in (sums.buyers, sums.retained))
    for to in range(max(span.first + 11, span.last - YEARS_BACK + 1), span.last + 1):
        year = [by_month[month] for month in range(to - 11, to + 1)]
        yield Year(
            to,
            buyers=sum(customers for since, until, customers in buyers if since <= to <= until),
            orders_with_customer=sum(row.orders_with_customer for row in year),
            net_revenue=sum(row.net_revenue for row in year),
            net_revenue_with_customer=sum(net_known.get(row.month, 0) for row in year),
            retained_revenue=sum(net for since, until, net in retained if since <= to <= until)
            if to - 23 >= span.first
            else None,
        )


def _repeat_windows(sums: Tallies, months: Sequence[Month], span: Span) -> Iterator[RepeatWindow]:
    """The window of each of the last month-ends, and the newest one's a year earlier."""
    windows = {
        (to, repeat_window_length(to - span.first + 1))
        for to in range(max(span.first, span.last - SERIES_MONTHS + 1), span.last + 1)
    }
    windows.add((span.last - 12, repeat_window_length(len(span))))
    away = _from_far(sums, months[0].month)
    products = [(*divmod(pair, PAIR), squares) for pair, *squares in sums.products.iter_rows()]
    for to, length in sorted(windows):
        since = to - length + 1
        inside = [squares for first, last, squares in products if since <= first and last <= to]
        window = [row for row in months if since <= row.month <= to]
        orders = sum(row.orders_with_customer for row in window)
        far = sum(customers for month, customers in away.items() if since <= month <= to)
        if since >= span.first and orders:
            rr, rn, nn = (sum(column) for column in zip(*inside, strict=True))
            yield RepeatWindow(to, length, orders, sum(row.repeat_orders for row in window), rr, rn, nn, far)


def _from_far(sums: Tallies, started: int) -> dict[int, int]:
    """By month, the customers whose first order of the month came after an absence of more than half of the months back
    to the file's first month."""
    found: dict[int, int] = defaultdict(int)
    for before, month, customers in _pairs(sums.returns):
        if 2 * (month - before) > month - started:
            found[month] += customers
    return found


@dataclass(frozen=True)
class _Followed:
    """New customers (first order day after `since`, up to `until`) to follow until `end`, for one table."""

    to: int
    group: str
    since: date
    until: date
    end: date


def _second_orders(
    sums: Tallies, days: Sequence[Day], as_of: date, span: Span, history_complete: bool
) -> Iterator[SecondOrder]:
    """Kaplan-Meier tables at as_of and at each earlier month-end of the series."""
    newest = month_number(as_of)
    sure_from = days[0].day if history_complete else months_before(days[0].day, -UNSURE_MONTHS)
    tables = []
    for to in range(newest - SERIES_MONTHS - 1, newest + 1):
        end = min(as_of, last_day(to))
        since = max(months_before(end, FOLLOWED_MONTHS), sure_from - timedelta(days=1))
        tables.append(_Followed(to, "all", since, end, end))
    best: list[date] = []
    if len(span) >= 12:
        year = [row for row in days if span.last - 11 <= month_number(row.day) <= span.last]
        best = [row.day for row in sorted(year, key=lambda row: (-row.net_revenue, row.day))[:BEST_DAYS]]
        since = year[0].day - timedelta(days=1)
        tables += [_Followed(newest, group, since, year[-1].day, as_of) for group in ("peak", "other")]
    for table, exits in zip(tables, _exits(sums.seconds, days, tables, frozenset(best)), strict=True):
        yield from _survival(table, exits)


def _exits(
    seconds: pl.DataFrame, days: Sequence[Day], tables: Sequence[_Followed], best: Set[date]
) -> Iterator[list[tuple[int, int, int]]]:
    """For each table, by days since the first order, the last first: how many customers were followed that long
    (customers), and how many of them then came back (events)."""
    pairs = seconds.lazy().select(
        "customers",
        first=_day(pl.col("at") // PAIR),
        second=_day(pl.col("at") // PAIR + pl.col("at") % PAIR),
        gap=pl.col("at") % PAIR,
    )
    wanted = {"all": pl.lit(value=True), "peak": pl.col("first").is_in(best), "other": ~pl.col("first").is_in(best)}
    counts = []
    for table in tables:
        followed = pl.col("first").is_between(table.since, table.until, closed="right")
        back = pairs.filter(followed & (pl.col("second") <= table.end) & wanted[table.group])
        counts += [back.group_by(key).agg(pl.col("customers").sum()) for key in ("gap", "first")]
    found = iter(pl.collect_all(counts))
    for table, by_gap, by_day in zip(tables, found, found, strict=True):
        events, gone = dict(by_gap.iter_rows()), dict(by_day.iter_rows())
        exits = defaultdict(int, events)
        start, end = ((day - days[0].day).days + 1 for day in (table.since, table.until))
        for row in days[max(0, start) : max(0, end)]:
            if table.group == "all" or (row.day in best) == (table.group == "peak"):
                exits[(table.end - row.day).days] += row.new_customers - gone.get(row.day, 0)
        yield [(time, exits[time], events.get(time, 0)) for time in sorted(exits, reverse=True) if exits[time]]


def _day(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.Int32).cast(pl.Date)


def _survival(table: _Followed, exits: list[tuple[int, int, int]]) -> Iterator[SecondOrder]:
    """The Kaplan-Meier table: a row for each day with events, and one at each horizon."""
    at_risk, rows, horizons = 0, [], sorted(HORIZONS)
    for time, customers, events in exits:
        while horizons and horizons[-1] > time:
            rows.append(SecondOrder(table.to, table.group, horizons.pop(), at_risk, 0))
        at_risk += customers
        at_horizon = bool(horizons) and horizons[-1] == time
        if at_horizon:
            horizons.pop()
        if events or at_horizon:
            rows.append(SecondOrder(table.to, table.group, time, at_risk, events))
    rows += [SecondOrder(table.to, table.group, horizon, at_risk, 0) for horizon in reversed(horizons)]
    return iter(reversed(rows))


def _cohorts(sums: Tallies, months: Sequence[Month], newest: int) -> Iterator[Cohort]:
    """Every cohort at every age up to OLDEST_AGE months that the data reaches; no activity is 0."""
    net = {(first, month): amount for first, month, amount in _pairs(sums.cohorts)}
    for row in months:
        if row.new_customers:
            for age in range(min(OLDEST_AGE, newest - row.month) + 1):
                yield Cohort(row.month, age, row.new_customers, net.get((row.month, row.month + age), 0))
