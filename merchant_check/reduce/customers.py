"""What customers did, counted from one sort: small tables by day and month, which add up over parts.

The rows of a part are sorted by customer and day, on one packed number. There a customer's first order, a repeat order
or a second order day shows by comparing a row with the one above, so that no table of customers is ever built, joined
or grouped. Months are numbered as in facts.py; days are counted from 1970.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from merchant_check.read.held import best_engine

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
    found = defaultdict(list)
    for part in parts:
        rows = part.drop("file", "line", strict=False).collect(engine="streaming")
        for name, sums in _tally(rows):
            found[name].append(sums)
    return Tallies(**{name: _added(pl.concat(sums)) for name, sums in found.items()})


def _added(sums: pl.DataFrame) -> pl.DataFrame:
    """Sums by the first column; of the largest order the largest."""
    key, *others = sums.columns
    added = [pl.col(name).max() if name == "largest" else pl.col(name).sum() for name in others]
    return sums.group_by(key).agg(added).sort(key)


def _tally(rows: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """The tables of Tallies by name, some of them in pieces."""
    engine = best_engine(rows.height)
    known = rows.filter(pl.col("customer").is_not_null())
    ordered = _marked(_by_customer_and_day(known)).collect(engine=engine)
    months = _customer_months(ordered).collect(engine=engine)
    sums = [
        ("days", _days(rows.lazy(), ordered.lazy())),
        ("seconds", _seconds(ordered.lazy())),
        ("active", _with_orders(months).group_by("month").agg(customers=pl.len())),
        ("buyers", _buyers(months)),
        *(("retained", net) for net in _retained(months.lazy())),
        ("cohorts", _cohorts(months.lazy())),
        ("returns", _returns(months)),
        *(("products", products) for products in _products(months)),
    ]
    return zip((name for name, _ in sums), pl.collect_all((table for _, table in sums), engine=engine), strict=True)


# ---- the order of rows


def _by_customer_and_day(rows: pl.DataFrame) -> pl.LazyFrame:
    """The rows sorted by customer, day, and refunds after orders: new (the customer is not the one above), day (Int32),
    is_order, revenue, net.

    The key holds as many bits of the customer's fingerprint as the days leave; where two customers share these, their
    checks differ, and the rows are sorted again by all that tells them apart.
    """
    day, refund = pl.col("day").to_physical(), (pl.col("orders") == 0).cast(pl.UInt64)
    since, until = rows.select(day.min().fill_null(0).alias("since"), day.max().fill_null(0).alias("until")).row(0)
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
    return ordered.lazy().select(
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


def _marked(ordered: pl.LazyFrame) -> pl.LazyFrame:
    """The rows with first (the customer's first order day, NEVER until then), starts (it is the first order), repeat
    (it is on a later day) and second (it is the first order of the second order day)."""
    day, is_order = pl.col("day"), pl.col("is_order")
    starts = is_order & (pl.col("ordered_above") == NEVER)
    repeat = (pl.col("first") > NEVER) & (day > pl.col("first"))
    return (
        ordered.with_columns(ordered_above=_above(_last(day, is_order)))
        .with_columns(first=_last(day, starts), starts=starts)
        .with_columns(repeat=repeat, second=is_order & repeat & (pl.col("ordered_above") == pl.col("first")))
    )


# ---- counts


def _days(rows: pl.LazyFrame, ordered: pl.LazyFrame) -> pl.LazyFrame:
    """What is of no guest is of a known customer; and of these the orders are repeats, save those on the first day."""
    day, orders = pl.col("day").to_physical(), pl.col("orders").cast(pl.Int64)
    money = pl.col("revenue", "refund")
    total = rows.group_by(day).agg(orders.sum(), money.sum(), largest=pl.col("revenue").max())
    guests = rows.filter(pl.col("customer").is_null()).group_by(day).agg(orders.sum(), money.sum())
    first_days = ordered.filter(~pl.col("repeat")).group_by("day")
    firsts = first_days.agg(
        new=pl.col("starts").sum(), orders=pl.col("is_order").sum(), revenue=pl.col("revenue").sum()
    )
    known_orders, known_revenue = (pl.col(name) - pl.col(f"{name}_guests") for name in ("orders", "revenue"))
    net_known = known_revenue - (pl.col("refund") - pl.col("refund_guests"))
    return (
        total.join(guests, on="day", how="left", suffix="_guests")
        .join(firsts.cast(pl.Int64).cast({"day": pl.Int32}), on="day", how="left", suffix="_first")
        .fill_null(0)
        .select(
            *("day", "orders", "revenue", "refund", "largest"),
            guest_orders="orders_guests",
            net_known=net_known,
            new="new",
            repeat_orders=known_orders - pl.col("orders_first"),
            repeat_revenue=known_revenue - pl.col("revenue_first"),
        )
    )


def _seconds(ordered: pl.LazyFrame) -> pl.LazyFrame:
    first = pl.col("first").cast(pl.Int64)
    return ordered.filter("second").group_by(at=first * PAIR + pl.col("day") - first).agg(customers=pl.len())


def _customer_months(ordered: pl.DataFrame) -> pl.LazyFrame:
    """A row for each customer and month: new (the customer is not the one above), customer (a number), month, orders,
    repeats, net, first_month (of the first order) and before (the last earlier month with an order, or NEVER)."""
    month = _month_of(ordered)
    is_order = pl.col("is_order")
    changes = pl.col("new") | (pl.col("month") != pl.col("month").shift())
    running = (
        ordered.lazy()
        .with_columns(month=month(pl.col("day")))
        .select(
            *("month", "first"),
            customer=pl.col("new").cum_sum(),
            orders=is_order.cast(pl.Int64).cum_sum(),
            repeats=(is_order & pl.col("repeat")).cast(pl.Int64).cum_sum(),
            net=pl.col("net").cum_sum(),
            ends=changes.shift(-1, fill_value=True),
        )
    )

    def grown(name: str) -> pl.Expr:
        """What a running sum has grown by since the month above."""
        return pl.col(name) - pl.col(name).shift(fill_value=0)

    months = running.filter("ends").select(
        *("month", "customer"),
        new=grown("customer") > 0,
        orders=grown("orders"),
        repeats=grown("repeats"),
        net=grown("net"),
        first_month=month(pl.col("first")),
    )
    return months.with_columns(before=_above(_last(pl.col("month"), pl.col("orders") > 0)))


def _month_of(ordered: pl.DataFrame) -> Callable[[pl.Expr], pl.Expr]:
    """Tells the month number of a day, NEVER for NEVER; looked up, as that is quicker than the calendar's rules."""
    since, until = (int(ordered.select(end).item() or 0) for end in (pl.col("day").min(), pl.col("day").max()))
    day = pl.int_range(since, until + 1, dtype=pl.Int32, eager=True).cast(pl.Date)
    months = pl.lit(day.dt.year() * 12 + day.dt.month() - 1)
    return lambda day: pl.when(day > NEVER).then(months.gather(day.clip(since) - since)).otherwise(NEVER)


def _with_orders(months: pl.DataFrame) -> pl.LazyFrame:
    return months.lazy().filter(pl.col("orders") > 0)


def _buyers(months: pl.DataFrame) -> pl.LazyFrame:
    """An order makes its customer a buyer of the twelve years (of months) that end from its month on; those in which
    an earlier order has already made the customer one are left to that."""
    month, before = pl.col("month"), pl.col("before")
    pair = pl.max_horizontal(month, before + YEAR) * PAIR + month + YEAR - 1
    return _with_orders(months).group_by(years=pair).agg(customers=pl.len())


def _retained(months: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
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
    for since, until in (of_chain, of_earlier):
        yield chains.filter(since <= until).group_by(years=since * PAIR + until).agg(net=pl.col("net").sum())


def _cohorts(months: pl.LazyFrame) -> pl.LazyFrame:
    first = pl.col("first_month")
    known = months.filter((first > NEVER) & (pl.col("month") >= first))
    return known.group_by(months=first * PAIR + pl.col("month")).agg(net=pl.col("net").sum())


def _returns(months: pl.DataFrame) -> pl.LazyFrame:
    came_back = _with_orders(months).filter(pl.col("before") > NEVER)
    return came_back.group_by(months=pl.col("before") * PAIR + pl.col("month")).agg(customers=pl.len())


def _products(months: pl.DataFrame) -> Iterator[pl.LazyFrame]:
    """The square of a customer's sum over a window is the sum of the products of all its months with each other: of the
    row with itself, the one above, the one above that, and so on to eleven months earlier."""
    now = _with_orders(months).select("customer", "month", n="orders", r="repeats")
    n, r, month = pl.col("n"), pl.col("r"), pl.col("month")
    yield now.group_by(months=month * PAIR + month).agg(rr=(r * r).sum(), rn=(r * n).sum(), nn=(n * n).sum())
    customer, n_, r_, month_ = (pl.col(name) for name in ("customer", "n_", "r_", "month_"))
    beside = [customer == customer.shift(step) for step in (1, -1)]
    several = now.filter(pl.any_horizontal(beside)).collect().lazy()  # most customers order in one month alone
    for lag in range(1, YEAR):
        pairs = several.with_columns(
            *(each.shift(lag).name.suffix("_") for each in (n, r, month)), of_one=customer == customer.shift(lag)
        ).filter(pl.col("of_one") & (month - month_ < YEAR))
        yield pairs.group_by(months=month_ * PAIR + month).agg(
            rr=(r * r_).sum() * 2,  # a with b, and b with a
            rn=(r * n_ + n * r_).sum(),
            nn=(n * n_).sum() * 2,
        )
