"""How a shop goes on for three months: its facts carried on by their growth, as they are or with a step more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from merchant_check.checks.cash.ledger import Ledger
from merchant_check.checks.check import CannotTell
from merchant_check.checks.windows import given, quarters
from merchant_check.facts import (
    TENURE_MONTHS,
    Day,
    Facts,
    Month,
    RepeatWindow,
    Year,
    first_day,
    last_day,
    repeat_window_length,
)

MONTHS_AHEAD = 3

# What is carried on by its growth: order figures always, those of the cash sheet where it gives them.
FLOWS = ("orders", "orders_without_customer", "revenue", "active_customers", "new_customers", "repeat_orders")
CASH_FLOWS = ("company_revenue", "gross_profit", "cogs", "marketing")
AS_BEFORE = ("bonus", "training_hours", "training_spend")


@dataclass(frozen=True)
class Step:
    """What is added to the projection: people and locations once, marketing in each month, in ten-thousandths."""

    hires: int = 0
    marketing: int = 0
    locations: int = 0


def quarter(last: int) -> range:
    """The three months that end with this one."""
    return range(last - 2, last + 1)


class Projection:
    """The facts up to the latest month complete in every input, and how they go on from there."""

    def __init__(self, facts: Facts) -> None:
        compared = quarters(facts, *facts.spans)
        self.last = compared.now[-1]
        self.lag = compared.now[0] - compared.before[0]  # a year; three months where there is no year to compare
        self.facts = facts.until(self.last)
        self.ahead = range(self.last + 1, self.last + MONTHS_AHEAD + 1)
        self.growth = {name: self._growth(name) for name in (*FLOWS, *CASH_FLOWS)}
        self.growth["orders_without_customer"] = self.growth["orders"]  # a handful has no growth of its own
        self.quarter = quarter(self.last)

    def with_step(self, step: Step) -> Facts:
        """The facts three months later, with the step taken."""
        facts, end = self.facts, self.ahead[-1]
        months = {row.month: row for row in facts.months}
        for month in self.ahead:
            months[month] = self._won(self._team(self._carried_on(months[month - self.lag], month), months, step), step)
        later = replace(
            facts,
            shop=replace(facts.shop, closed=facts.shop.closed | {month for month in self.ahead if self._shut(month)}),
            as_of=last_day(end),
            today=max(facts.today, last_day(end)),
            spans={role: replace(span, last=end) for role, span in facts.spans.items()},
            months=tuple(months[month] for month in sorted(months)),
            days=(*facts.days, *self._days(months)),
            second_order=tuple(replace(row, to=end) for row in facts.second_order if row.to == self.last),
            cohorts=tuple(replace(row, first_month=row.first_month + MONTHS_AHEAD) for row in facts.cohorts),
        )
        later = replace(later, years=(*facts.years, *self._years(later, step)), repeat_windows=self._repeats(later))
        return self._with_cash(later)

    def _growth(self, name: str) -> float:
        """Q against Q'; 1 where that is not known."""
        now, before = (
            sum(getattr(self.facts.month(month), name) or 0 for month in quarter(last))
            for last in (self.last, self.last - self.lag)
        )
        return float(now / before) if min(now, before) > 0 else 1.0

    def _shut(self, month: int) -> bool:
        return month - self.lag in self.facts.shop.closed

    # --- months

    def _carried_on(self, source: Month, month: int) -> Month:
        """The month's sales and marketing: those of `source`, grown; all that stands at L stays."""
        at_last, year_before = self.facts.month(self.last), self.facts.month(self.last - self.lag)
        grown: dict[str, Any] = {name: round(getattr(source, name) * self.growth[name]) for name in FLOWS}
        for name in CASH_FLOWS:
            before = getattr(source, name)
            grown[name] = None if before is None else round(before * self.growth[name])
        stocks = (source.inventory, at_last.inventory, year_before.inventory)
        if all(stocks):
            grown["inventory"] = round(source.inventory * at_last.inventory / year_before.inventory)  # type: ignore[operator]
        grown["new_customers"] = min(grown["new_customers"], grown["active_customers"])
        grown["repeat_orders"] = min(grown["repeat_orders"], grown["orders"] - grown["orders_without_customer"])
        return Month(
            month,
            **grown,
            refunds=round(source.refunds * self.growth["revenue"]),
            repeat_revenue=round(source.repeat_revenue * self.growth["revenue"]),
            largest_order=source.largest_order,
            **{name: getattr(source, name) for name in AS_BEFORE},
        )

    def _team(self, row: Month, months: Mapping[int, Month], step: Step) -> Month:
        """The team and the locations of L, and the step; newcomers of before grow out of their six months."""
        at_last = self.facts.month(self.last)
        if at_last.headcount is None:
            return row
        headcount = at_last.headcount + step.hires
        latest = [self.facts.month(month).hires for month in range(self.last - TENURE_MONTHS + 1, self.last + 1)]
        grown_out = latest[: row.month - self.last]
        newcomers: float | None = None
        if at_last.newcomers is not None and None not in latest:
            newcomers = max(0.0, at_last.newcomers - sum(hires or 0 for hires in grown_out)) + step.hires
        elif (earlier := months.get(row.month - TENURE_MONTHS)) and earlier.headcount is not None:
            newcomers = max(0.0, headcount - earlier.headcount)
        return replace(
            row,
            headcount=headcount,
            newcomers=newcomers,
            hires=None if at_last.hires is None else float(step.hires if row.month == self.ahead[0] else 0),
            leavers=None if at_last.leavers is None else 0.0,
            payroll=self._payroll(headcount),
            locations=None if at_last.locations is None else at_last.locations + step.locations,
        )

    def _payroll(self, headcount: float) -> int | None:
        rows = [self.facts.month(month) for month in self.quarter]
        paid, heads = [row.payroll for row in rows], sum(row.headcount or 0 for row in rows)
        if None in paid or not heads:
            return None
        return round(sum(pay or 0 for pay in paid) / heads * headcount)

    def _won(self, row: Month, step: Step) -> Month:
        """The customers that more marketing wins, each with one order of average worth.

        Fractions of them count: rounded to whole customers, the cost of one would jump up and down with the step.
        """
        if not step.marketing:
            return row
        rows, ledger = [self.facts.month(month) for month in self.quarter], Ledger(self.facts)
        new = step.marketing / (ledger.marketing(self.quarter) / sum(each.new_customers for each in rows))
        worth = new * sum(each.net_revenue for each in rows) / sum(each.orders for each in rows)
        net = ledger.without_tax(worth)
        margin = self._margin(ledger)
        more = {"marketing": step.marketing, "company_revenue": net, "gross_profit": net * margin}
        more["cogs"] = net * (1 - margin)
        more |= dict.fromkeys(("orders", "active_customers", "new_customers"), new) | {"revenue": worth}
        known = {name: amount for name, amount in more.items() if getattr(row, name) is not None}
        return replace(row, **{name: getattr(row, name) + amount for name, amount in known.items()})

    def _margin(self, ledger: Ledger) -> float:
        """Gross profit of revenue; none where it can't be told."""
        try:
            revenue = ledger.revenue(self.quarter)
            return ledger.gross_profit(self.quarter) / revenue if revenue > 0 else 0.0
        except CannotTell:
            return 0.0

    # --- cash

    def _with_cash(self, later: Facts) -> Facts:
        """The balances that follow, of the cash sheet or of the finance block."""
        if "cash" not in later.spans:
            return self._with_balance(later)
        months = {row.month: row for row in later.months}
        for month in self.ahead:
            known, before = months[month], months[month - 1].cash_balance
            if before is None:
                raise CannotTell("the cash balance of the last month is not known")
            burn = round(self._other_costs() + _costs_less_profit(later, month))
            financing = None if not given(self.facts, "financing") else 0
            months[month] = replace(known, net_burn=burn, cash_balance=before - burn, financing=financing)
        return replace(later, months=tuple(months[month] for month in sorted(months)))

    def _with_balance(self, later: Facts) -> Facts:
        finance = later.shop.finance
        if finance is None or finance.cash_balance is None:
            return later
        left = finance.cash_balance - round(Ledger(later).net_burn(self.ahead))
        told = replace(finance, cash_balance=left, cash_balance_on=last_day(self.ahead[-1]))
        return replace(later, shop=replace(later.shop, finance=told))

    def _other_costs(self) -> float:
        """A month's burn but for pay, marketing and gross profit: of Q or of the last year, whichever is higher."""
        found = []
        for length in (3, 12):
            months = range(self.last - length + 1, self.last + 1)
            if length == 3 or Ledger(self.facts).can_burn(months):
                burn = Ledger(self.facts).net_burn(months)
                found.append((burn - sum(_costs_less_profit(self.facts, month) for month in months)) / length)
        return max(found)

    # --- what follows from the months

    def _days(self, months: Mapping[int, Month]) -> Iterable[Day]:
        """Those of the month that is carried on, grown like it."""
        start = self.facts.totals.first_day
        for month in self.ahead:
            source = months[month - self.lag]
            scale = months[month].net_revenue / source.net_revenue if source.net_revenue > 0 else 1.0
            for index in range((last_day(month) - first_day(month)).days + 1):
                day = min(first_day(source.month).toordinal() + index, last_day(source.month).toordinal())
                at = day - start.toordinal()
                before = self.facts.days[at] if 0 <= at < len(self.facts.days) else Day(start, 0, 0, 0, 0)
                when = first_day(month).fromordinal(first_day(month).toordinal() + index)
                yield replace(before, day=when, net_revenue=round(before.net_revenue * scale))

    def _years(self, later: Facts, step: Step) -> Iterable[Year]:
        """Buyers order as often as today, but those newly won once; last year's customers keep buying as much."""
        today = self.facts.year_to.get(self.last)
        if today is None:
            return
        for to in self.ahead:
            rows = [later.month(month) for month in range(to - 11, to + 1)]
            orders, net = sum(row.orders_with_customer for row in rows), sum(row.net_revenue for row in rows)
            known = today.net_revenue_with_customer / today.net_revenue if today.net_revenue else 1.0
            year = Year(to, 0, orders, net, round(net * known), None)
            before, earlier = self.facts.year_to.get(to - 12), self.facts.year_to.get(self.last - 12)
            if before and earlier and today.retained_revenue is not None and earlier.net_revenue_with_customer > 0:
                kept = today.retained_revenue / earlier.net_revenue_with_customer
                year = replace(year, retained_revenue=round(before.net_revenue_with_customer * kept))
            won = self._customers_won(later) if step.marketing else 0
            each = today.orders_with_customer / today.buyers if today.buyers else 1.0
            yield replace(year, buyers=round((orders - won) / each + won))

    def _customers_won(self, later: Facts) -> float:
        """The new customers ahead beyond those that growth alone brings."""
        alone = sum(self._carried_on(later.month(month - self.lag), month).new_customers for month in self.ahead)
        return sum(later.month(month).new_customers for month in self.ahead) - alone

    def _repeats(self, later: Facts) -> tuple[RepeatWindow, ...]:
        """The window three months on: orders as projected, spread over customers as today."""
        to, length = self.ahead[-1], repeat_window_length(len(later.spans["orders"]))
        today = next((row for row in self.facts.repeat_windows if row.to == self.last), None)
        if today is None or not today.orders_with_customer:
            return self.facts.repeat_windows
        rows = [later.month(month) for month in range(to - length + 1, to + 1)]
        orders = sum(row.orders_with_customer for row in rows)
        size = orders / today.orders_with_customer
        return (
            *self.facts.repeat_windows,
            RepeatWindow(
                to,
                length,
                orders,
                sum(row.repeat_orders for row in rows),
                *(round(amount * size) for amount in (today.sum_rr, today.sum_rn, today.sum_nn, today.far)),
            ),
        )


def _costs_less_profit(facts: Facts, month: int) -> float:
    """Pay and marketing less gross profit, as far as they are known."""
    row = facts.month(month)
    try:
        profit = Ledger(facts).gross_profit([month])
    except CannotTell:
        profit = 0.0
    return (row.payroll or 0) + (row.marketing or 0) - profit
