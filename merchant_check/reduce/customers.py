"""What customers did, counted from one sort: small tables by day and month, which add up over parts.

The rows of a part are sorted by customer and day, on one packed number. There a customer's first order, a repeat order
or a second order day shows by comparing a row with the one above, so that no table of customers is ever built, joined
or grouped. Months are numbered as in facts.py; days are counted from 1970.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import polars as pl

YEAR = 12  # months
NEVER = -(2**16)  # before any month and day
PAIR = 2**16  # packs two small numbers into one, by which grouping is faster


@dataclass(frozen=True)
class Tallies:
    """Sums over rows and customers. A pair of months (a, b) stands as a * PAIR + b, as does a pair of days.

    days        day: orders, revenue, refund, largest (order), guest_orders, net_known (of known customers), and of
                these new (customers), repeat_orders, repeat_revenue
    seconds     (first order day, days to the second order day): customers
    active      month: customers with an order
    buyers      (a, b): customers whom an order made buyers of the years ending a to b, as no earlier one had
    retained    (a, b): net revenue that counts as retained in the years ending a to b
    cohorts     (month of the first order, month): net revenue
    returns     (month of an order, month of the customer's next): customers
    products    (a, b), a <= b: of customers' repeat orders r and orders n in both months Σ rr, Σ rn, Σ nn
    """

    days: pl.DataFrame
    seconds: pl.DataFrame
    active: pl.DataFrame
    buyers: pl.DataFrame
    retained: pl.DataFrame
    cohorts: pl.DataFrame
    returns: pl.DataFrame
    products: pl.DataFrame


def tallies(parts: Iterable[pl.LazyFrame]) -> Tallies:
    """The sums over all parts (see read.orders.Orders); each must hold all rows of its customers."""
    found = [_tally(part.drop("file", "line", strict=False).collect(engine="streaming")) for part in parts]
    names = [field.name for field in fields(Tallies)]
    return Tallies(**{name: _added(pl.concat([getattr(each, name) for each in found])) for name in names})


def _added(sums: pl.DataFrame) -> pl.DataFrame:
    """Sums by the first column; of the largest order the largest."""
    key, *others = sums.columns
    largest = [name for name in others if name == "largest"]
    return sums.group_by(key).agg(pl.col(largest).max(), pl.exclude(key, *largest).sum()).select(sums.columns).sort(key)


def _tally(rows: pl.DataFrame) -> Tallies:
    ordered = _marked(_by_customer_and_day(rows.filter(pl.col("customer").is_not_null())))
    months = _customer_months(ordered)
    return Tallies(
        days=_days(rows, ordered),
        seconds=ordered.filter("second")
        .group_by(at=pl.col("first").cast(pl.Int64) * PAIR + pl.col("day") - pl.col("first"))
        .agg(customers=pl.len()),
        active=months.filter(pl.col("orders") > 0).group_by("month").agg(customers=pl.len()),
        buyers=_buyers(months),
        retained=_retained(months),
        cohorts=_cohorts(months),
        returns=_returns(months),
        products=_products(months),
    )


# ---- the order of rows


def _by_customer_and_day(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows sorted by customer, day, and refunds after orders: new (the customer is not the one above), day (Int32),
    is_order, revenue, net.

    The key holds as many bits of the customer's fingerprint as the days leave; where two customers share these, their
    checks differ, and the rows are sorted again by all that tells them apart.
    """
    day, refund = pl.col("day").to_physical(), (pl.col("orders") == 0).cast(pl.UInt64)
    since, until = (int(rows.select(end).item() or 0) for end in (day.min(), day.max()))
    size = 2 ** (1 + (until - since).bit_length())
    narrow = rows.select(
        key=pl.col("customer") // size * size + (day - since).cast(pl.UInt64) * 2 + refund,
        check="customer_check",
        revenue="revenue",
        net=pl.col("revenue") - pl.col("refund"),
    )
    ordered = narrow.sort("key")
    customer, told_apart = pl.col("key") // size, pl.col("check")
    same_key = customer == customer.shift()
    if ordered.select((same_key & (told_apart != told_apart.shift())).any()).item():
        ordered = narrow.sort(customer, "check", "key")
        same_key &= told_apart == told_apart.shift()
    return ordered.select(
        new=~same_key.fill_null(value=False),
        day=(pl.col("key") % size // 2).cast(pl.Int32) + since,
        is_order=pl.col("key") % 2 == 0,
        revenue="revenue",
        net="net",
    )


def _last(value: pl.Expr, where: pl.Expr) -> pl.Expr:
    """The value in the customer's last row `where` it holds, up to and with this one; NEVER before the first."""
    return pl.when(where).then(value).when("new").then(NEVER).forward_fill()


def _above(value: pl.Expr) -> pl.Expr:
    """The value in the customer's row above; NEVER in the customer's first."""
    return pl.when("new").then(NEVER).otherwise(value.shift())


def _marked(ordered: pl.DataFrame) -> pl.DataFrame:
    """The rows with first (the customer's first order day, NEVER until then) and its first_month; starts (it is the
    first order), repeat (it is on a later day), second (it is the first order of the second order day); and month."""
    day, is_order = pl.col("day"), pl.col("is_order")
    ordered_on = _last(day, is_order)
    starts = is_order & (_above(ordered_on) == NEVER)
    first = _last(day, starts)
    rows = ordered.with_columns(first=first, starts=starts, ordered_above=_above(ordered_on))
    repeat = (pl.col("first") > NEVER) & (day > pl.col("first"))
    return rows.with_columns(
        repeat=repeat,
        second=is_order & repeat & (pl.col("ordered_above") == pl.col("first")),
        month=_month(day),
        first_month=_month(pl.col("first")),
    )


def _month(day: pl.Expr) -> pl.Expr:
    """The month number of a day counted from 1970; NEVER for NEVER."""
    there = day.cast(pl.Date)
    return pl.when(day > NEVER).then(there.dt.year() * 12 + there.dt.month() - 1).otherwise(NEVER)


# ---- counts


def _days(rows: pl.DataFrame, ordered: pl.DataFrame) -> pl.DataFrame:
    is_order, guest = pl.col("orders") > 0, pl.col("customer").is_null()
    sums = (
        rows.with_columns(
            pl.col("day").to_physical(),
            pl.col("orders").cast(pl.Int64),
            largest=pl.when(is_order).then("revenue").otherwise(0),
            guest_orders=(is_order & guest).cast(pl.Int64),
        )
        .group_by("day")
        .agg(pl.col("orders", "revenue", "refund").sum(), pl.col("largest").max(), pl.col("guest_orders").sum())
    )
    known = (
        ordered.with_columns(
            pl.col("starts").cast(pl.Int64),
            repeat_orders=(pl.col("is_order") & pl.col("repeat")).cast(pl.Int64),
            repeat_revenue=pl.when("repeat").then("revenue").otherwise(0),
        )
        .group_by("day")
        .agg(pl.col("net", "starts", "repeat_orders", "repeat_revenue").sum())
        .rename({"net": "net_known", "starts": "new"})
    )
    return sums.join(known, on="day", how="left").fill_null(0)


def _customer_months(ordered: pl.DataFrame) -> pl.DataFrame:
    """A row for each customer and month: new (the customer is not the one above), customer (a number), month, orders,
    repeats, net, first_month (of the first order) and before (the last earlier month with an order, or NEVER)."""
    run = (pl.col("new") | (pl.col("month") != pl.col("month").shift())).cum_sum().set_sorted()
    months = ordered.group_by(run.alias("run"), maintain_order=True).agg(
        pl.col("new", "month").first(),
        pl.col("is_order").sum().cast(pl.Int64).alias("orders"),
        (pl.col("is_order") & pl.col("repeat")).sum().cast(pl.Int64).alias("repeats"),
        pl.col("net").sum(),
        pl.col("first_month").last(),
    )
    ordered_in = _last(pl.col("month"), pl.col("orders") > 0)
    return months.with_columns(customer=pl.col("new").cum_sum(), before=_above(ordered_in))


def _buyers(months: pl.DataFrame) -> pl.DataFrame:
    """An order makes its customer a buyer of the twelve years (of months) that end from its month on; those in which
    an earlier order has already made the customer one are left to that."""
    month, before = pl.col("month"), pl.col("before")
    pair = pl.max_horizontal(month, before + YEAR) * PAIR + month + YEAR - 1
    return months.filter(pl.col("orders") > 0).group_by(years=pair).agg(customers=pl.len())


def _retained(months: pl.DataFrame) -> pl.DataFrame:
    """Net revenue of a month counts in the years that end within eleven months of it; of these it is retained in those
    for which the customer had ordered in the year before, which are the years that end 12 to 23 months after an order.

    Orders not more than twelve months apart form a chain, whose years join up, from 12 months after its first order to
    23 after its last. Of earlier chains only the last one can still reach this month's years.
    """
    month, before, has_order = pl.col("month"), pl.col("before"), pl.col("orders") > 0
    breaks = has_order & (month - before > YEAR)
    chains = months.with_columns(
        chain_start=_above(_last(month, breaks)),
        earlier_end=_above(_last(before + 2 * YEAR - 1, breaks)),
    )
    chain_end, last_year = before + 2 * YEAR - 1, month + YEAR - 1
    of_chain = pl.max_horizontal(month, pl.col("chain_start") + YEAR), pl.min_horizontal(last_year, chain_end)
    of_earlier = month, pl.min_horizontal(last_year, pl.col("earlier_end"))
    found = [
        chains.filter(since <= until).group_by(years=since * PAIR + until).agg(net=pl.col("net").sum())
        for since, until in (of_chain, of_earlier)
    ]
    return pl.concat(found)


def _cohorts(months: pl.DataFrame) -> pl.DataFrame:
    first = pl.col("first_month")
    known = months.filter((first > NEVER) & (pl.col("month") >= first))
    return known.group_by(months=first * PAIR + pl.col("month")).agg(net=pl.col("net").sum())


def _returns(months: pl.DataFrame) -> pl.DataFrame:
    came_back = months.filter((pl.col("orders") > 0) & (pl.col("before") > NEVER))
    return came_back.group_by(months=pl.col("before") * PAIR + pl.col("month")).agg(customers=pl.len())


def _products(months: pl.DataFrame) -> pl.DataFrame:
    """The square of a customer's sum over a window is the sum of the products of all its months with each other: of the
    row with itself, the one above, the one above that, and so on to eleven months earlier."""
    now = months.filter(pl.col("orders") > 0).select("customer", "month", n="orders", r="repeats")
    beside = [pl.col("customer") == pl.col("customer").shift(step) for step in (1, -1)]
    several = now.filter(pl.any_horizontal(beside))  # most customers order in one month alone
    found = []
    for lag in range(YEAR):
        now = several if lag else now
        earlier = now.select(pl.all().shift(lag).name.suffix("_"))
        of_one, close = pl.col("customer") == pl.col("customer_"), pl.col("month") - pl.col("month_") < YEAR
        pairs = pl.concat([now, earlier], how="horizontal").filter(of_one & close)
        n, r, n_, r_ = (pl.col(name) for name in ("n", "r", "n_", "r_"))
        twice = 2 if lag else 1  # a with b, and b with a
        crossed = r * n_ + n * r_ if lag else r * n
        found.append(
            pairs.group_by(months=pl.col("month_") * PAIR + pl.col("month")).agg(
                rr=(r * r_).sum() * twice, rn=crossed.sum(), nn=(n * n_).sum() * twice
            )
        )
    return pl.concat(found)
