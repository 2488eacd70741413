"""Inventory: does stock grow faster than sales, or does it run short?"""

from __future__ import annotations

from dataclasses import replace

from merchant_check.checks.cash.ledger import Ledger
from merchant_check.checks.check import CannotTell, Check, Gap, Lever, Lines, Need, attempt
from merchant_check.checks.rules import CHANCE_RULE, ESTIMATE_RULE, LARGE_ORDER_RULE, NET_REVENUE, QUARTERS, TAX_RULE
from merchant_check.checks.windows import mean, quarters, total, year, years
from merchant_check.facts import Facts
from merchant_check.report import (
    Cap,
    Document,
    Measurement,
    Part,
    PartSpec,
    Quantity,
    Says,
    Status,
    Threshold,
    Window,
    exceeds,
)
from merchant_check.stats import money_interval

SLOWER = 0.30  # rise of the days of stock from which stock ahead of sales is critical


def measure(facts: Facts, lines: Lines) -> Measurement:
    """Stock growth minus sales growth in points; and how many days the stock lasts."""
    ledger = Ledger(facts)
    inputs = ledger.inputs("revenue")
    days = attempt("days", lambda: Part("days", _days(facts, ledger, year(facts, *inputs))))
    lasts = {} if days.value is None else {"days": Quantity(days.value, "days")}
    try:
        growth = _growth(facts, ledger, inputs)
    except CannotTell as why:
        if days.value is None:
            raise
        months = year(facts, *inputs)
        unknown = (Part("growth", missing=str(why)), Part("shortage", missing=str(why)))
        growth = Measurement(unknown, Window(months[0], months[-1]), "Stock")
    return ledger.measurement(
        parts=(*growth.parts, days),
        window=growth.window,
        summary=growth.summary
        + ("; the stock lasts {days}." if lasts and growth.evidence else " lasts {days}." if lasts else "."),
        evidence={**growth.evidence, **lasts},
    )


def _growth(facts: Facts, ledger: Ledger, inputs: tuple[str, ...]) -> Measurement:
    quarter = quarters(facts, *inputs)
    if not quarter.season_removed:
        raise CannotTell("needs 15 complete months to compare with the same season")
    stock, stock_before = (mean(facts, "inventory", months, "cash") for months in (quarter.now, quarter.before))
    sales, sales_before = (ledger.revenue(months) for months in (quarter.now, quarter.before))
    if min(stock_before, sales_before) <= 0:
        raise CannotTell("no stock or no sales a year earlier to compare with")
    largest, largest_before = (ledger.largest_order(months) for months in (quarter.now, quarter.before))
    caps = () if _slower(facts, ledger, inputs) else (_NOT_SLOWER,)

    def ahead(part: str, less: float = 0, less_before: float = 0) -> Part:
        ratio = (sales - less) / max(sales_before - less_before, 1)
        found = Part(part, stock / stock_before - ratio, change=True, caps=caps if part == "growth" else ())
        if ledger.has_company_revenue or ratio <= 0:  # how many orders that revenue comes from is not known
            return found
        orders, orders_before = (total(facts, "orders", months, "orders") for months in (quarter.now, quarter.before))
        chance = money_interval(ratio, orders, orders_before)
        return replace(found, low=stock / stock_before - 1 - chance.high, high=stock / stock_before - 1 - chance.low)

    def with_others(part: str) -> Part:
        return replace(ahead(part), without_largest=(ahead(part, largest), ahead(part, 0, largest_before)))

    return Measurement(
        parts=(with_others("growth"), with_others("shortage")),
        window=quarter.window,
        summary="Stock {stock_growth} in a year, sales {sales_growth}",
        evidence={
            "stock_growth": Quantity(stock / stock_before - 1, "change"),
            "sales_growth": Quantity(sales / sales_before - 1, "change"),
            "stock": Quantity(stock, "money"),
            "stock_before": Quantity(stock_before, "money"),
        },
    )


_NOT_SLOWER = Cap(Status.WARNING, "only a warning, as it is not known that stock sells 30% more slowly than a year ago")


def _days(facts: Facts, ledger: Ledger, months: range) -> float:
    """365 × average stock at cost ÷ cost of the goods sold in twelve months."""
    cost = ledger.cost_of_goods(months)
    if cost <= 0:
        raise CannotTell("no cost of goods in twelve months")
    return 365 * mean(facts, "inventory", months, "cash") / cost


def _slower(facts: Facts, ledger: Ledger, inputs: tuple[str, ...]) -> bool:
    """The days of stock are known for both years, and rose by more than SLOWER."""
    try:
        months = years(facts, *inputs)
        return exceeds(_days(facts, ledger, months.now) / _days(facts, ledger, months.before) - 1, SLOWER)
    except CannotTell:
        return False


def _goal(gap: Gap) -> float:
    """The stock that has grown by as much more (or less) than sales as the line allows."""
    return gap["stock_before"] * (1 + gap["sales_growth"] + gap.line)


def _faster(gap: Gap) -> Need:
    """The stock by which what is left lasts no longer than the line."""
    ledger = Ledger(gap.facts)
    months = year(gap.facts, *ledger.inputs("revenue"))
    held = mean(gap.facts, "inventory", months, "cash")
    return Need(held - gap.line * ledger.cost_of_goods(months) / 365, held)


LEVERS = (
    Lever(
        *("growth", "stock", "money"),
        text="{amount} less stock",
        what="stock",
        does="less stock in each of the latest 3 months",
        needed=lambda gap: Need(gap["stock"] - _goal(gap), gap["stock"]),
        less=True,
    ),
    Lever(
        *("shortage", "stock", "money"),
        text="{amount} more stock",
        what="the stock",
        does="more stock in each of the latest 3 months",
        needed=lambda gap: Need(_goal(gap) - gap["stock"], gap["stock"]),
    ),
    Lever(
        *("days", "stock", "money"),
        text="{amount} less stock on average over the year",
        what="stock",
        does="less stock in each of the latest 12 months",
        needed=_faster,
        less=True,
    ),
)


CHECK = Check(
    id="inventory",
    subject="cash",
    parts=(
        PartSpec("growth", "stock growth above sales growth", "points", Threshold(0.10, 0.30, "lower")),
        PartSpec(
            "shortage",
            "stock growth below sales growth",
            "points",
            Threshold(-0.20, None, "higher"),
            Says(
                "sales are outrunning stock",
                "Shelves that run empty send customers elsewhere, and many do not come back.",
                "Reorder what sells best first, and look at what is about to run out.",
            ),
        ),
        PartSpec("days", "days of stock", "days", Threshold(90, 180, "lower")),
    ),
    measure=measure,
    levers=LEVERS,
    document=Document(
        title="Inventory",
        question="Does stock grow in step with sales?",
        meaning="The figure is by how many points stock has grown faster than sales in a year: stock +30% and sales "
        "+10% are +20 points. A second one is for how many days the stock would last.",
        why="Stock that does not sell is money on a shelf, and loses value there.",
        advice="Stop reordering what turns slowest, and sell off what has not moved for a season.",
        ahead="stock is outrunning sales",
        window=f"Average stock and sales: {QUARTERS[0].lower()}{QUARTERS[1:]}",
        traps=(
            "Stock bought ahead of a busy season or a price rise looks like too much, and may be right.",
            "Stock counted once a year and carried on in between does not show what happens in the months.",
            "Old goods still listed at full cost hide that they may never sell.",
        ),
        evidence=(
            "Fewer than 15 complete months: unknown, but for the days of stock.",
            "Critical only where stock is also known to sell 30% more slowly than a year ago.",
            CHANCE_RULE,
            "Where the cash file has the sales, that range is not known: the figure alone decides.",
            LARGE_ORDER_RULE,
            ESTIMATE_RULE,
            TAX_RULE,
        ),
        source="Lev & Thiagarajan 1993; Kesavan & Mani 2013 (too little stock hurts as well); Vancl: "
        "stock for 151 days of sales (docs/backtest.md); days: vendors (C)",
        strength="A",
        formula="growth of average stock (Q against Q' a year earlier) − growth of net revenue (likewise), in "
        "points, critical only with days of stock up more than 30%; below −20 points a stock-out threatens; days of "
        "stock = 365 × average stock at cost ÷ cost of goods of Y",
        recompute="s = the sum of facts.months[].inventory from window.from to window.to ÷ that over "
        "window.compared_with; r = the same of net revenue; a, b = those sums of facts.months[].orders. value = s −"
        " r; low and high = s − r × exp(±1.96 × √(2/a + 2/b)), null where company_revenue is given. Part days = 365"
        " × the mean of inventory over the twelve months to window.to ÷ their cost of goods (cogs, else net revenue"
        " − gross profit). "
        f"{NET_REVENUE}",
        example="over-hired",
    ),
)
