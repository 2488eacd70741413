"""One shop's life, drawn from its model: orders day by day, the team, the money; and exports cut out of it.

Troubles, from a month on: "team" (the team is brought to `size` times what the sales need, within that month), "ads"
(`size` times as many customers again are bought by advertising at twice the usual cost, 5 % of whom ever order again
within a year), "burn" (costs rise so that the cash in hand lasts `size` months), "stock" (stock grows over three months
to `size` times what the sales need), "base" (the share `size` of the new customers stays away).
"""

from __future__ import annotations

import csv
import math
import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from pathlib import Path

import polars as pl

from benchmarks.validation.model import Loyalty, Model, month_of, repeat_days
from merchant_check.facts import MINOR, first_day, last_day, month_label

DEAL_HUNTERS = Loyalty.returning(0.05, 0.5, 0.5, 3.0)
AD_COST = 2.0  # what a customer bought by the "ads" trouble costs, in the shop's usual cost of a new customer
SCHEMA = {"customer": pl.String, "day": pl.Date, "orders": pl.Int64, "revenue": pl.Int64, "refund": pl.Int64}
Figures = Mapping[int, Mapping[str, float]]


@dataclass(frozen=True)
class Life:
    """All that happened: an order a row (see SCHEMA), and the months of the team and the money."""

    model: Model
    rows: pl.DataFrame
    staffing: Figures
    cash: Figures


@dataclass(frozen=True)
class Export:
    """What the owner hands over: the orders between two days, the sheets of the same months.

    `told_opening`: he also tells when the shop opened.
    """

    model: Model
    rows: pl.DataFrame
    as_of: date
    staffing: Figures
    cash: Figures
    told_opening: bool

    def write(self, folder: Path) -> list[Path]:
        """The same as files."""
        orders = folder / "orders.csv"
        with orders.open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(["order_id", "order_date", "customer_id", "total", "refund"])
            for number, (customer, day, _, revenue, refund) in enumerate(self.rows.iter_rows()):
                out.writerow([f"A{number}", day, customer or "", f"{revenue / MINOR:.2f}", f"{refund / MINOR:.2f}"])
        return [orders, *(_write_sheet(folder / f"{name}.csv", getattr(self, name)) for name in ("staffing", "cash"))]


def _write_sheet(path: Path, months: Figures) -> Path:
    names = list(next(iter(months.values())))
    money = path.name == "cash.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["month", *names])
        for month, figures in months.items():
            out.writerow(
                [month_label(month)]
                + [f"{figures[name] / MINOR:.2f}" if money or name == "payroll" else figures[name] for name in names]
            )
    return path


def export(life: Life, first: date, as_of: date, told_opening: bool = False) -> Export:
    """Cut a file out of a life: its orders from `first` to `as_of`, its sheets' complete months of that time."""
    months = [month for month in life.cash if first <= first_day(month) and last_day(month) <= as_of]
    return Export(
        life.model,
        life.rows.filter(pl.col("day").is_between(first, as_of)),
        as_of,
        {month: life.staffing[month] for month in months},
        {month: life.cash[month] for month in months},
        told_opening,
    )


def simulate(model: Model) -> Life:
    """Draw a shop's life. The same model gives the same life."""
    rng = random.Random(model.seed)
    rows = _orders(model, rng)
    staffing = _team(model, rng)
    return Life(model, rows, staffing, _cash(model, rng, _sales(rows), staffing))


# ---- orders


def _orders(model: Model, rng: random.Random) -> pl.DataFrame:
    """Every order of the life, in the order of the customers' arrival."""
    customers: list[str | None] = []
    days: list[int] = []
    usual, bought = _intensities(model)
    for name, arrivals, loyalty in (("c", usual, model.loyalty), ("d", bought, DEAL_HUNTERS)):
        for number, day in enumerate(_arrival_days(arrivals, rng)):
            visits = [day, *repeat_days(model, loyalty, day, rng)]
            who = None if rng.random() < model.guests else f"{name}{number}"
            customers += [who] * len(visits)
            days += visits
    amounts = [_amount(model, rng) for _ in days]
    refunds = [amount if rng.random() < model.refunds else 0 for amount in amounts]
    return pl.DataFrame(
        {
            "customer": customers,
            "day": [model.days[day] for day in days],
            "orders": [1] * len(days),
            "revenue": amounts,
            "refund": refunds,
        },
        schema=SCHEMA,
    )


def _intensities(model: Model) -> tuple[list[float], list[float]]:
    """Expected arrivals of each day: the shop's usual customers, and those bought by a trouble."""
    usual, bought = list(model.arrivals), [0.0] * len(model.arrivals)
    trouble = model.trouble
    if trouble and trouble.kind in ("ads", "base"):
        for n, day in enumerate(model.days):
            if month_of(day) >= trouble.since:
                if trouble.kind == "ads":
                    bought[n] = usual[n] * trouble.size
                else:
                    usual[n] *= 1 - trouble.size
    return usual, bought


def _arrival_days(arrivals: list[float], rng: random.Random) -> list[int]:
    """The days of a Poisson process with these daily intensities, by exponential steps of its cumulated intensity."""
    total = list(accumulate(arrivals))
    found, at = [], rng.expovariate(1)
    while at < total[-1]:
        found.append(bisect_left(total, at))
        at += rng.expovariate(1)
    return found


def _amount(model: Model, rng: random.Random) -> int:
    """An amount in ten-thousandths, whole cents; its mean is the basket, bulk orders apart."""
    amount = model.basket * math.exp(rng.gauss(-(model.spread**2) / 2, model.spread))
    if rng.random() < model.bulk:
        amount *= rng.uniform(10, 30)
    return max(1, round(amount * 100)) * (MINOR // 100)


def _sales(rows: pl.DataFrame) -> dict[int, float]:
    """Net revenue of each month, in ten-thousandths."""
    month = pl.col("day").dt.year().cast(pl.Int64) * 12 + pl.col("day").dt.month() - 1
    net = (pl.col("revenue") - pl.col("refund")).sum()
    return {number: float(amount) for number, amount in rows.group_by(month).agg(net).iter_rows()}


def _monthly(model: Model, arrivals: Sequence[float]) -> dict[int, float]:
    """The arrivals of each month."""
    found: dict[int, float] = defaultdict(float)
    for day, expected in zip(model.days, arrivals, strict=True):
        found[month_of(day)] += expected
    return found


# ---- the team and the money


def expected_sales(model: Model) -> dict[int, float]:
    """Net sales of each month as the owner expects them, without season and chance, in currency units."""
    worth = model.basket * (1 - model.refunds) * (1 + 19 * model.bulk)
    return {month: worth * orders for month, orders in model.expected_orders.items()}


def _team(model: Model, rng: random.Random) -> dict[int, dict[str, float]]:
    """A team that follows the expected sales: who leaves is replaced in the month after; pay rises every year."""
    team, trouble = model.team, model.trouble
    plan = expected_sales(model)
    first = min(plan)
    heads = max(1, round(plan[first] / team.each))
    base = max(first, month_of(model.as_of) - 12)
    pay = team.share * plan[base] / max(1, round(plan[base] / team.each))
    sites = max(1, heads // team.site)
    found: dict[int, dict[str, float]] = {}
    for month, sales in plan.items():
        wanted = max(1, round(sales / team.each))
        if trouble and trouble.kind == "team" and month >= trouble.since:
            wanted = math.ceil(wanted * trouble.size)
        hires = max(0, wanted - heads)
        leavers = sum(rng.random() < team.turnover / 12 for _ in range(heads)) if heads > 1 else 0
        heads += hires - leavers
        sites = max(sites, heads // team.site)
        cost = heads * pay * (1 + team.raise_) ** ((month - base) / 12)
        found[month] = {
            "headcount": heads, "hires": hires, "leavers": leavers, "payroll": round(cost * MINOR), "locations": sites,
        }  # fmt: skip
    return found


def _cash(
    model: Model, rng: random.Random, sales: Mapping[int, float], staffing: Figures
) -> dict[int, dict[str, float]]:
    """Each month's cost of goods, marketing, stock and balance at its end; half of a year's profit is taken out.

    balance = balance before + sales - goods bought - payroll - overhead - marketing + financing
    goods bought = cost of the goods sold + growth of the stock

    The first balance is such that the shop has `reserve` months of sales a year before as_of.
    """
    money, trouble = model.money, model.trouble
    plan = {month: amount * MINOR for month, amount in expected_sales(model).items()}
    season = [factor * 12 / sum(model.season) for factor in model.season]
    overhead = money.margin - money.marketing - money.profit - model.team.share
    won = _monthly(model, model.arrivals)
    each = money.marketing * sum(list(plan.values())[-12:]) / sum(list(won.values())[-12:])  # cost of a new customer
    bought = _monthly(model, _intensities(model)[1])
    stock, kept, balance = 0.0, 0.0, 0.0
    found: dict[int, dict[str, float]] = {}
    for month, level in plan.items():
        goods = (1 - money.margin) * sales.get(month, 0.0)
        ahead = (season[(month + 1) % 12] + season[(month + 2) % 12]) / 2
        want = level * ahead * (1 - money.margin) * money.stock_days / 30 * math.exp(rng.gauss(0, 0.04))
        marketing = each * won[month]
        if trouble and month >= trouble.since:
            if trouble.kind == "stock":
                want *= 1 + (trouble.size - 1) * min(1.0, (month - trouble.since + 1) / 3)
            elif trouble.kind == "ads":
                marketing += AD_COST * each * bought[month]
        profit = sales.get(month, 0.0) - goods - staffing[month]["payroll"] - overhead * level - marketing
        kept += profit
        taken = max(0.0, kept / 2) if month % 12 == 11 else 0.0
        kept = 0.0 if month % 12 == 11 else kept
        balance += profit - (want - stock) - taken
        stock = want
        found[month] = {
            "cash_balance": balance, "financing": -taken, "cogs": goods, "marketing": marketing, "inventory": want,
        }  # fmt: skip
    base = month_of(model.as_of) - 12
    base = max(base, min(plan))
    first = money.reserve * plan[base] - found[base]["cash_balance"]
    costs = 0.0
    if trouble and trouble.kind == "burn":
        costs = (first + found[trouble.since - 1]["cash_balance"]) / trouble.size + money.profit * plan[trouble.since]
    for month, figures in found.items():
        figures["cash_balance"] += first - (
            costs * (month - trouble.since + 1) if trouble and month >= trouble.since else 0
        )
    return {
        month: {name: float(round(value / 100) * 100) for name, value in figures.items()}
        for month, figures in found.items()
    }


def months_back(day: date, months: int) -> date:
    """The first day of the month that lies `months` - 1 before the day's month: an export of so many months."""
    return first_day(month_of(day) - months + 1)
