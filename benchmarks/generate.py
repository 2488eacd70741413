"""Write a file of invented orders: `python -m benchmarks.generate ROWS FILE.csv`. The same bytes on every run.

Customers come in growing numbers over 36 months, most of all in November; most buy once or twice and a few very often.
A few rows are dirty: dates and amounts that can't be read, guests, orders that stand there twice. Memory hardly grows
with the rows: customers are drawn a block at a time, their orders go into a temporary file for each month, and each
month is then sorted by time (a few dozen bytes an order) and written.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

SEED = 20260118
MONTHS = np.arange("2022-01", "2025-02", dtype="datetime64[M]").astype("datetime64[s]").astype(np.int64)
"""The first second of each of the 36 months, and the end of the last."""
START, END = int(MONTHS[0]), int(MONTHS[-1])
GROWTH = 1.025  # of the new customers, a month
SEASON = {11: 2.2, 12: 1.4}  # months that bring more new customers than the others
PULL = 0.06  # share of the later orders that wait for the last days of November
ONCE_MORE, OFTEN = 0.002, 8  # so few customers buy very often: a Pareto tail over so many orders
BLOCK = 500_000  # customers drawn at a time
CHUNK = 500_000  # rows written at a time
CURRENCY = "USD"
STATUS = {"paid": 0.90, "refunded": 0.04, "partially_refunded": 0.03, "cancelled": 0.02, "pending": 0.01}
GUESTS, BAD_DATES, NO_DATES, BAD_AMOUNTS, TWICE = 0.015, 0.0002, 0.0001, 0.0002, 0.001  # shares of the rows
NAMES = pl.Series(["anna", "bob", "carla", "dmitri", "elena", "frank", "grace", "hugo", "ines", "jack", "kim", "liam"])
HOSTS = pl.Series(["gmail.com", "mail.com", "yahoo.com", "gmx.de", "icloud.com", "shop.net"])

EVENT = np.dtype([("time", np.int64), ("customer", np.int32)])
Events = NDArray[np.void]


def main(rows: int, path: Path) -> None:
    """Write `rows` orders to `path`; those that stand there twice come on top."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=path.name) as folder, path.open("wb") as target:
        by_month = [Path(folder) / str(month) for month in range(len(MONTHS) - 1)]
        for events in _blocks(rows):
            _deal(events, by_month)
        number = 0
        for month, part in enumerate(by_month):
            events = np.fromfile(part, EVENT) if part.exists() else np.empty(0, EVENT)
            events = events[np.argsort(events["time"], kind="stable")]
            for start in range(0, len(events), CHUNK):
                chunk = events[start : start + CHUNK]
                orders = _orders(chunk, number, np.random.default_rng([SEED, 2, month, start]))
                orders.write_csv(target, include_header=number == 0)
                number += len(chunk)


def _blocks(rows: int) -> Iterator[Events]:
    """`rows` purchases, a block of customers at a time; the last block ends with the row that is one too many."""
    drawn, base = 0, 0
    while drawn < rows:
        events = _purchases(BLOCK, base, np.random.default_rng([SEED, 1, base]))[: rows - drawn]
        yield events
        drawn, base = drawn + len(events), base + BLOCK


def _purchases(customers: int, base: int, rng: np.random.Generator) -> Events:
    """All purchases of some customers, numbered from `base`, one customer after the other."""
    weights = GROWTH ** np.arange(len(MONTHS) - 1)
    for calendar_month, factor in SEASON.items():
        weights[calendar_month - 1 :: 12] *= factor
    month = rng.choice(len(weights), customers, p=weights / weights.sum())
    first = MONTHS[month] + (rng.random(customers) * (MONTHS[month + 1] - MONTHS[month])).astype(np.int64)
    rate = rng.gamma(0.35, 18.0, customers) * (END - first) / (END - START)
    again = rng.poisson(rate)
    often = rng.random(customers) < ONCE_MORE
    again[often] += (rng.pareto(1.3, int(often.sum())) * OFTEN).astype(np.int64).clip(0, 800)
    events = np.empty(customers + int(again.sum()), EVENT)
    customer = np.repeat(np.arange(customers, dtype=np.int32), again + 1)
    is_first = np.r_[True, customer[1:] != customer[:-1]]
    since = first[customer]
    later = since + (rng.random(len(customer)) ** 1.6 * (END - 1 - since)).astype(np.int64)  # soon, or not at all
    events["time"] = np.where(is_first, since, _pulled(later, since, rng))
    events["customer"] = customer + base
    return events


def _pulled(time: NDArray[np.int64], since: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Some of the purchases moved to the last ten days of November of their year."""
    year = time.astype("datetime64[s]").astype("datetime64[Y]").astype("datetime64[M]")
    sale = (year + np.timedelta64(10, "M")).astype("datetime64[s]").astype(np.int64) + 20 * 86_400
    moved = sale + (rng.random(len(time)) * 10 * 86_400).astype(np.int64)
    return np.where((rng.random(len(time)) < PULL) & (moved > since), moved, time)


def _deal(events: Events, by_month: list[Path]) -> None:
    """Append the purchases to the files of their months."""
    month = np.searchsorted(MONTHS, events["time"], side="right") - 1
    order = np.argsort(month, kind="stable")
    bounds = np.searchsorted(month[order], np.arange(len(by_month) + 1))
    for path, start, stop in zip(by_month, bounds[:-1], bounds[1:], strict=True):
        if start < stop:
            with path.open("ab") as file:
                events[order[start:stop]].tofile(file)


def _orders(events: Events, number: int, rng: np.random.Generator) -> pl.DataFrame:
    """The purchases as rows of an export, numbered from `number`; those that stand there twice come last again."""
    count = len(events)
    cents = np.exp(rng.normal(3.7, 0.7, count) + np.log(100)).astype(np.int64) + 1
    status = rng.choice(len(STATUS), count, p=list(STATUS.values()))
    part = (cents * rng.choice([0.25, 0.5], count)).astype(np.int64)
    customer = events["customer"].astype(np.int64)
    mixed = customer * 2_654_435_761 % 2**32  # spreads names and hosts over the customers
    drawn = pl.DataFrame(
        {
            "number": np.arange(number + 10_001, number + 10_001 + count),
            "customer": customer,
            "name": NAMES.gather(pl.Series(mixed % len(NAMES))),
            "host": HOSTS.gather(pl.Series(mixed % len(HOSTS))),
            "time": events["time"],
            "cents": cents,
            "back": np.select([status == 1, status == 2], [cents, part], 0),
            "status": pl.Series(list(STATUS)).gather(pl.Series(status)),
            "odd": rng.random(count),
            "odd_date": rng.random(count),
        }
    )
    odd, odd_date = pl.col("odd"), pl.col("odd_date")
    stamp = pl.from_epoch("time", time_unit="s").dt.strftime("%Y-%m-%d %H:%M:%S")
    address = pl.format("{}.{}@{}", "name", "customer", "host")
    orders = drawn.select(
        order_id=pl.format("#{}", "number"),
        customer_id=pl.when(odd >= GUESTS).then(address),
        ordered_at=pl.when(odd_date < NO_DATES).then(None)
        .when(odd_date < NO_DATES + BAD_DATES).then(pl.lit("not a date"))
        .otherwise(stamp),
        amount=pl.when(odd > 1 - BAD_AMOUNTS).then(pl.lit("on request")).otherwise(_written("cents")),
        refund=pl.when(pl.col("back") > 0).then(_written("back")),
        status="status",
        currency=pl.lit(CURRENCY),
    )  # fmt: skip
    return pl.concat([orders, orders.filter(rng.random(count) < TWICE)])


def _written(cents: str) -> pl.Expr:
    """Cents as an amount with two decimals."""
    return pl.format("{}.{}", pl.col(cents) // 100, (pl.col(cents) % 100).cast(pl.String).str.zfill(2))


if __name__ == "__main__":
    main(int(float(sys.argv[1])), Path(sys.argv[2]))
