"""The road of a simulated export through merchant-check, past the reading of files: rows → facts → findings."""

from __future__ import annotations

from datetime import date

import polars as pl

from benchmarks.validation.simulate import Export
from merchant_check.checks import CHECKS
from merchant_check.checks.check import Check, run
from merchant_check.facts import Facts, Shop
from merchant_check.read.order_rows import fingerprint, second_fingerprint
from merchant_check.read.orders import Orders
from merchant_check.read.sheet import Sheet
from merchant_check.reduce.orders import reduce_orders
from merchant_check.reduce.shop import shop_facts
from merchant_check.report import Finding, Input


def shop_of(export: Export) -> Shop:
    """What the owner tells of the shop: its category, and perhaps when it opened."""
    return Shop(
        name="simulated",
        category=export.model.category,
        opened=export.model.opened if export.told_opening else None,
        plan_years=_plan(export),
    )


def _plan(export: Export) -> dict[int, int]:
    """A plan as an owner makes it: last year's sales, grown as the shop has grown so far."""
    year = export.as_of.year
    months = [month for month in export.cash if month // 12 == year - 1]
    if len(months) < 12:
        return {}
    rows = export.rows.filter(export.rows["day"].is_between(date(year - 1, 1, 1), date(year - 1, 12, 31)))
    before = int(rows["revenue"].sum()) - int(rows["refund"].sum())
    return {year: round(before * export.model.growth)}


def facts_of(export: Export) -> Facts:
    """The facts of an export; the one place that knows how merchant-check takes rows."""
    parts = (_part(export.rows),)
    orders = Orders(parts=parts, as_of=export.as_of, currency=None, has_customers=True, inputs=(_input("orders"),))
    shop = shop_of(export)
    reduced = reduce_orders(orders.parts, orders.as_of, shop.opened)
    staffing, cash = (
        Sheet(role, months, frozenset(next(iter(months.values()))), (_input(role),)) if months else None
        for role, months in (
            ("staffing", export.staffing),
            ("cash", export.cash),
        )
    )
    return shop_facts(shop, export.as_of, orders, reduced, staffing, cash)


def _part(rows: pl.DataFrame) -> pl.LazyFrame:
    """The rows as merchant_check.read.orders.Orders describes them."""
    customer = pl.col("customer")
    return rows.lazy().with_columns(
        customer=fingerprint(customer),
        customer_check=(second_fingerprint(customer) // 2**32).cast(pl.UInt32),
        orders=pl.col("orders").cast(pl.Int8),
    )


def _input(role: str) -> Input:
    return Input(role, f"{role}.csv", "", "utf-8", ",", {}, 0, 0)


def findings_of(export: Export, checks: tuple[Check, ...] = CHECKS) -> dict[str, Finding]:
    """The findings by check id."""
    return {finding.id: finding for finding in run(checks, facts_of(export), {})}
