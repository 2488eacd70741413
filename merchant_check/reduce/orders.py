"""Order rows become monthly, yearly and customer facts; see facts.py for what each figure means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import polars as pl

from merchant_check.facts import (
    FOLLOWED_MONTHS,
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
from merchant_check.stats import nearest_rank

HORIZONS = (90, 180, 365)  # days after which second-order is judged; how many were followed so long must be known
OLDEST_AGE = 12  # months for which acquisition-cost follows a cohort's gross profit
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


def reduce_orders(rows: pl.DataFrame, as_of: date, opened: date | None) -> OrderFacts:
    """Reduce order rows (see read.orders.Orders) to facts, as they stand at `as_of`."""
    visits = _visits(rows)
    days = _days(rows, visits, as_of)
    span, complete_to = _complete_months(days, as_of)
    by_month = _customer_months(visits)
    started = month_number(days[0].day)
    firsts = _firsts(visits)
    history_complete = opened is not None and opened >= months_before(days[0].day, 1)
    months = _months(rows, by_month, days)
    return OrderFacts(
        totals=_totals(rows, visits, firsts, days),
        span=span,
        complete_to=complete_to,
        months=months,
        days=days,
        years=tuple(_years(by_month, months, span)),
        repeat_windows=tuple(_repeat_windows(by_month, span, started)),
        second_order=tuple(_second_orders(firsts, days, as_of, span, history_complete)),
        cohorts=tuple(_cohorts(by_month, month_number(as_of))),
    )


def _month_of(day: str) -> pl.Expr:
    """The month number of a Date column."""
    return (pl.col(day).dt.year() * 12 + pl.col(day).dt.month() - 1).cast(pl.Int32)


def _visits(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per known customer and day: orders, revenue, net; and `first`, the customer's first order day (null
    for a customer of whom the file has only refunds)."""
    return (
        rows.lazy()
        .filter(pl.col("customer").is_not_null())
        .group_by("customer", "day")
        .agg(pl.col("orders", "revenue").sum(), net=(pl.col("revenue") - pl.col("refund")).sum())
        .with_columns(first=pl.col("day").filter(pl.col("orders") > 0).min().over("customer"))
        .with_columns(month=_month_of("day"), repeat=(pl.col("day") > pl.col("first")).fill_null(False))
        .collect(engine="streaming")
    )


def _days(rows: pl.DataFrame, visits: pl.DataFrame, as_of: date) -> tuple[Day, ...]:
    """Every calendar day from the first order to as_of."""
    is_order = pl.col("orders") > 0
    sums = rows.group_by("day").agg(
        pl.col("orders").sum(),
        net=(pl.col("revenue") - pl.col("refund")).sum(),
        largest=pl.col("revenue").filter(is_order).max().fill_null(0),
    )
    new = visits.filter(pl.col("day") == pl.col("first")).group_by("day").len("new")
    found = {row[0]: row[1:] for row in sums.join(new, on="day", how="left").fill_null(0).iter_rows()}
    start = min(day for day, (orders, *_) in found.items() if orders)
    length = (as_of - start).days + 1
    return tuple(
        Day(day, orders, net, customers, largest)
        for day in (start + timedelta(days=offset) for offset in range(length))
        for orders, net, largest, customers in [found.get(day, (0, 0, 0, 0))]
    )


def _complete_months(days: Sequence[Day], as_of: date) -> tuple[Span, int]:
    """The complete months, allowing at each end the shop's usual gap between order days; and the last month that
    has ended by then, complete in the orders or not."""
    busy = [row.day for row in days if row.orders]
    usual = nearest_rank(sorted((later - day).days for day, later in pairwise(busy)), 0.95)
    first = max(month_number(busy[0]), month_number(busy[0] - timedelta(days=usual + 1)) + 1)
    last = min(month_number(as_of), month_number(as_of + timedelta(days=usual + 1)) - 1)
    return Span(first, max(last, first - 1)), last


def _customer_months(visits: pl.DataFrame) -> pl.DataFrame:
    """One row per customer and month: orders, repeat orders, repeat revenue, net; and the month of the first order."""
    return (
        visits.lazy()
        .group_by("customer", "month")
        .agg(
            pl.col("orders", "net").sum(),
            repeat_orders=pl.col("orders").filter("repeat").sum(),
            repeat_revenue=pl.col("revenue").filter("repeat").sum(),
            first_month=_month_of("first").first(),
        )
        .collect(engine="streaming")
    )


def _firsts(visits: pl.DataFrame) -> pl.DataFrame:
    """One row per customer: the first order day, and the days from there to the next order day (null: none yet)."""
    return (
        visits.lazy()
        .filter(pl.col("first").is_not_null())
        .group_by("customer", "first")
        .agg(second=pl.col("day").filter((pl.col("orders") > 0) & pl.col("repeat")).min())
        .select("first", gap=(pl.col("second") - pl.col("first")).dt.total_days())
        .collect(engine="streaming")
    )


def _totals(rows: pl.DataFrame, visits: pl.DataFrame, firsts: pl.DataFrame, days: Sequence[Day]) -> Totals:
    return Totals(
        orders=int(rows["orders"].sum()),
        orders_with_customer=int(visits["orders"].sum()),
        customers=firsts.height,
        repeat_customers=firsts["gap"].count(),
        repeat_orders=int(visits.filter("repeat")["orders"].sum()),
        revenue=int(rows["revenue"].sum()),
        refunds=int(rows["refund"].sum()),
        first_day=days[0].day,
        last_day=max(row.day for row in days if row.orders),
    )


def _months(rows: pl.DataFrame, by_month: pl.DataFrame, days: Sequence[Day]) -> tuple[Month, ...]:
    """Every calendar month from the first order's to as_of's; months without an order stand there with zeros."""
    sums = (
        rows.group_by(_month_of("day").alias("month"))
        .agg(
            pl.col("orders", "revenue").sum(),
            refunds=pl.col("refund").sum(),
            orders_without_customer=pl.col("orders").filter(pl.col("customer").is_null()).sum(),
        )
        .rows_by_key("month", named=True, unique=True)
    )
    customers = (
        by_month.group_by("month")
        .agg(
            active_customers=(pl.col("orders") > 0).sum(),
            repeat_orders=pl.col("repeat_orders").sum(),
            repeat_revenue=pl.col("repeat_revenue").sum(),
        )
        .rows_by_key("month", named=True, unique=True)
    )
    new: dict[int, int] = defaultdict(int)
    largest: dict[int, int] = defaultdict(int)
    for row in days:
        month = month_number(row.day)
        new[month] += row.new_customers
        largest[month] = max(largest[month], row.largest_order)
    return tuple(
        Month(
            month,
            **sums.get(month, {}),
            **customers.get(month, {}),
            new_customers=new[month],
            largest_order=largest[month],
        )
        for month in range(month_number(days[0].day), month_number(days[-1].day) + 1)
    )


def _years(by_month: pl.DataFrame, months: Sequence[Month], span: Span) -> Iterator[Year]:
    """A row for each of the last month-ends with twelve complete months behind it."""
    net = {row.month: row.net_revenue for row in months}
    ends = range(max(span.first + 11, span.last - YEARS_BACK + 1), span.last + 1)
    this_year = pl.col("month") > pl.col("to") - 12
    sums = (
        by_month.lazy()
        .join(pl.LazyFrame({"to": ends}, schema={"to": pl.Int32}), how="cross")
        .filter(pl.col("month").is_between(pl.col("to") - 23, pl.col("to")))
        .group_by("to", "customer")
        .agg(
            pl.col("orders", "net").filter(this_year).sum(),
            before=pl.col("orders").filter(~this_year).sum(),
        )
        .group_by("to")
        .agg(
            (pl.col("orders") > 0).sum().alias("buyers"),
            pl.col("orders", "net").sum(),
            retained=pl.col("net").filter(pl.col("before") > 0).sum(),
        )
        .collect()
        .rows_by_key("to", unique=True)
    )
    for to in ends:
        buyers, orders, net_with_customer, retained = sums.get(to, (0, 0, 0, 0))
        yield Year(
            to,
            buyers=buyers,
            orders_with_customer=orders,
            net_revenue=sum(net[month] for month in range(to - 11, to + 1)),
            net_revenue_with_customer=net_with_customer,
            retained_revenue=retained if to - 23 >= span.first else None,
        )


def _from_far(by_month: pl.DataFrame, started: int) -> pl.DataFrame:
    """The customer-months with orders, and `far`: the first of them came after an absence of more than half of the
    months back to the file's first month."""
    bought = by_month.lazy().filter(pl.col("orders") > 0)
    away = pl.col("month") - pl.col("month").shift(1).over("customer", order_by="month")
    return bought.with_columns(far=(2 * away > pl.col("month") - started).fill_null(False)).collect()


def _repeat_windows(by_month: pl.DataFrame, span: Span, started: int) -> Iterator[RepeatWindow]:
    """The window of each of the last month-ends, and the newest one's a year earlier."""
    windows = {
        (to, repeat_window_length(to - span.first + 1))
        for to in range(max(span.first, span.last - SERIES_MONTHS + 1), span.last + 1)
    }
    windows.add((span.last - 12, repeat_window_length(len(span))))
    whole = sorted((to, months) for to, months in windows if to - months + 1 >= span.first)
    ends = pl.LazyFrame(whole, schema={"to": pl.Int32, "months": pl.Int32}, orient="row")
    r, n = pl.col("repeat_orders"), pl.col("orders")
    sums = (
        _from_far(by_month, started)
        .lazy()
        .join(ends, how="cross")
        .filter(pl.col("month").is_between(pl.col("to") - pl.col("months") + 1, pl.col("to")))
        .group_by("to", "months", "customer")
        .agg(n.sum(), r.sum(), pl.col("far").sum())
        .group_by("to", "months")
        .agg(n=n.sum(), r=r.sum(), rr=(r * r).sum(), rn=(r * n).sum(), nn=(n * n).sum(), far=pl.col("far").sum())
        .sort("to", "months")
        .collect()
    )
    return (RepeatWindow(*row) for row in sums.iter_rows())


@dataclass(frozen=True)
class _Followed:
    """New customers (first order day after `since`, up to `until`) to follow until `end`, for one table."""

    to: int
    group: str
    since: date
    until: date
    end: date


def _second_orders(
    firsts: pl.DataFrame, days: Sequence[Day], as_of: date, span: Span, history_complete: bool
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
    exits = _exits(firsts, tables, best)
    for table in tables:
        yield from _survival(table, exits.get((table.to, table.group), []))


def _exits(
    firsts: pl.DataFrame, tables: Sequence[_Followed], best: Sequence[date]
) -> dict[tuple[int, str], list[tuple[int, int, int]]]:
    """For each table, by days since the first order, the last first: how many customers were followed that long
    (customers), and how many of them then came back (events)."""
    followed = pl.LazyFrame([vars(table) for table in tables], schema_overrides={"to": pl.Int32})
    days_followed = (pl.col("end") - pl.col("first")).dt.total_days()
    came_back = (pl.col("gap") <= days_followed).fill_null(False)
    on_best = pl.col("first").is_in(list(best))
    rows = (
        firsts.lazy()
        .group_by("first", "gap")
        .agg(customers=pl.len())
        .join(followed, how="cross")
        .filter((pl.col("first") > pl.col("since")) & (pl.col("first") <= pl.col("until")))
        .filter((pl.col("group") == "all") | ((pl.col("group") == "peak") == on_best))
        .with_columns(time=pl.when(came_back).then("gap").otherwise(days_followed), came_back=came_back)
        .group_by("to", "group", "time")
        .agg(pl.col("customers").sum(), events=pl.col("customers").filter("came_back").sum())
        .sort("time", descending=True)
        .collect()
    )
    return rows.rows_by_key(["to", "group"])


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


def _cohorts(by_month: pl.DataFrame, newest: int) -> Iterator[Cohort]:
    """Every cohort at every age up to OLDEST_AGE months that the data reaches; no activity is 0."""
    known = by_month.filter(pl.col("first_month").is_not_null() & (pl.col("month") >= pl.col("first_month")))
    net = {
        (first, month): amount
        for first, month, amount in known.group_by("first_month", "month").agg(pl.col("net").sum()).iter_rows()
    }
    sizes = known.filter(pl.col("month") == pl.col("first_month")).group_by("first_month").len().sort("first_month")
    for first, customers in sizes.iter_rows():
        for age in range(min(OLDEST_AGE, newest - first) + 1):
            yield Cohort(first, age, customers, net.get((first, first + age), 0))
