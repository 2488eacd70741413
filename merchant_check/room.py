"""Room to grow: the facts projected three months ahead with a step more, judged by the very same checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from merchant_check.checks import CHECKS
from merchant_check.checks.cash.ledger import Ledger
from merchant_check.checks.check import CannotTell, Settings, rounding_step, run_without_series
from merchant_check.checks.customers.buyers import require_customers
from merchant_check.checks.windows import FEWEST_CASES, given, quarters, total, values
from merchant_check.facts import (
    MINOR,
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
from merchant_check.report import Finding, GradedPart, Headroom, Quantity, exceeds

MONTHS_AHEAD = 3
QUESTION = "How much more can the shop take on in the next three months before a check turns?"
ASSUMPTIONS = (
    "The facts are carried on for the three months after the latest month that is complete in every file; once as "
    "they are and once with a step more, and the very same checks judge both. The room is the largest step with "
    "which no check comes out worse than without it.",
    "Sales, orders, customers, gross profit and marketing are those of the same month a year earlier, times their "
    "growth in the latest three months. Stock grows as it did over the last year. Customers come back as often as "
    "today.",
    "The team and the locations stay as they are, but for the step. Pay a head is that of the latest three months; "
    "bonus and training are those of a year earlier. All other costs are the mean of the latest three months or of "
    "the latest twelve, whichever is higher. No money is raised or repaid.",
    "Hires: all of them start in the first of the three months, and cost today's pay a head.",
    "Marketing: so much more in each of the three months. It wins customers at what one costs today, and each of "
    "them orders once, for the worth of an average order. In truth each further customer costs more than the last.",
    "Locations: all of them open in the first month. What they cost is not in the files, so cash does not count here; "
    "the team stays as it is.",
    "A step is tried up to as much again as there is today. Where a figure is beyond its critical line today, or would "
    "be without a step, and each step makes it worse, there is no room, be the evidence weak or not. Checks that could "
    "not be judged, or are switched off, stop nothing.",
)

STRIDES = 12  # steps tried on the way up, before the room is told to the unit

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


@dataclass(frozen=True)
class _Lever:
    """`size`: how much of it there is today, in whole units; raises where that is not known. `needs`: the check
    without which nothing could be said; `nothing`: why not where there is none of it today."""

    id: str
    unit: str
    needs: str
    size: Callable[[Facts, int], float]
    nothing: str
    step: Callable[[int], Step]


def room_to_grow(facts: Facts, settings: Mapping[str, Settings], findings: Iterable[Finding]) -> tuple[Headroom, ...]:
    """For hires, monthly marketing and locations each, how much more the shop can carry; `findings` are today's."""
    today = {finding.id: finding for finding in findings}
    return tuple(_headroom(lever, facts, settings, today) for lever in LEVERS)


def _headroom(lever: _Lever, facts: Facts, settings: Mapping[str, Settings], today: Mapping[str, Finding]) -> Headroom:
    try:
        _require_judged(today[lever.needs])
        return _search(lever, Projection(facts), settings, today)
    except CannotTell as why:
        return Headroom(lever.id, reason=str(why))
    except Exception as error:  # a bug here must not cost the owner the report
        return Headroom(lever.id, reason=f"this failed ({type(error).__name__}: {error}); please report it")


def _require_judged(finding: Finding) -> None:
    if not finding.status.judged:
        raise CannotTell(f"{finding.title} is not judged: {finding.reason}")


def _search(
    lever: _Lever, base: Projection, settings: Mapping[str, Settings], today: Mapping[str, Finding]
) -> Headroom:
    """The largest step that turns nothing: in strides up to the first that turns a check, then by halving."""

    def judged(units: int) -> tuple[Finding, ...]:
        return run_without_series(CHECKS, base.with_step(lever.step(units)), settings)

    limit = int(lever.size(base.facts, base.last))
    if limit < 1:
        raise CannotTell(lever.nothing)
    without, doubled = judged(0), judged(limit)
    _require_judged(next(finding for finding in without if finding.id == lever.needs))
    pairs = list(zip(without, doubled, strict=True))
    if already := [now for now, then in pairs if _is_critical(now, today[now.id]) and _gets_worse(now, then)]:
        return _room(lever, 0, limit, already, already=True)
    free, bound, turned = 0, limit, _turned(without, doubled)
    strides = sorted({limit * stride // STRIDES for stride in range(1, STRIDES)} - {0})
    for units in strides:  # what turns one check may mend another: a larger step is not always the worse one
        if found := _turned(without, judged(units)):
            bound, turned = units, found
            break
        free = units
    if not turned:
        return _room(lever, limit, limit, ())
    while bound - free > 1:
        middle = (free + bound) // 2
        if found := _turned(without, judged(middle)):
            bound, turned = middle, found
        else:
            free = middle
    return _room(lever, free, limit, turned)


def _turned(without: Sequence[Finding], after: Sequence[Finding]) -> list[Finding]:
    """The checks that come out worse, and not just because better evidence lets them."""
    return [
        then
        for now, then in zip(without, after, strict=True)
        if now.status.judged
        and _rank(then) > _rank(now)
        and any(_rank_of(worse) > _rank_of(part) and not _better(part, worse) for part, worse in _pairs(now, then))
    ]


def _pairs(now: Finding, then: Finding) -> Iterable[tuple[GradedPart, GradedPart]]:
    return zip(now.parts, then.parts, strict=False)


def _better(part: GradedPart, after: GradedPart) -> bool:
    return part.value is not None and after.value is not None and exceeds(-_rise(part, after), 0.0)


def _rise(part: GradedPart, after: GradedPart) -> float:
    """How much further on the bad side the figure lies; 0 where there is none."""
    if part.value is None or after.value is None:
        return 0.0
    return (after.value - part.value) * (1 if part.threshold.better == "lower" else -1)


def _rank(finding: Finding) -> tuple[int, int]:
    return finding.status.severity, _level(finding)


def _rank_of(part: GradedPart) -> tuple[int, int]:
    return part.status.severity, _level_of(part)


def _level(finding: Finding) -> int:
    return max(map(_level_of, finding.parts), default=0)


def _level_of(part: GradedPart) -> int:
    """0 ok, 1 warning, 2 beyond the critical line. Weak evidence does not alarm, but it makes no room either."""
    beyond = part.value is not None and part.threshold.beyond(part.value, part.threshold.critical)
    return 2 if beyond and part.status.severity > 0 else max(0, part.status.severity)


def _is_critical(without: Finding, today: Finding) -> bool:
    """In three months, even without a step; or today, and not over by then."""
    return max(_level(without), _level(today)) == 2 and _level(without) > 0


def _gets_worse(now: Finding, then: Finding) -> bool:
    """A part in trouble is further from its line with the step."""
    return any(
        exceeds(_further(now, then, part, after), 0.0)
        for part, after in _pairs(now, then)
        if part.status.severity > 0 and after.status.severity > 0
    )


def _further(now: Finding, then: Finding, part: GradedPart, after: GradedPart) -> float:
    """By how much; where the figure does not tell (an empty till is 0 months of runway, however much is burned), the
    change that would turn it does."""
    return _rise(part, after) or _to_go(then, part.id) - _to_go(now, part.id)


def _to_go(finding: Finding, part: str) -> float:
    return max((step.amount.value for step in finding.to_ok if step.part == part and step.amount), default=0.0)


def _room(lever: _Lever, units: int, limit: int, by: Sequence[Finding], *, already: bool = False) -> Headroom:
    size = MINOR if lever.unit == "money" else 1
    step = rounding_step(units)
    return Headroom(
        lever.id,
        value=Quantity(units // step * step * size, lever.unit),
        limit=Quantity(limit * size, lever.unit),
        bound_by=by[0].id if by else None,
        binding=tuple(finding.title for finding in by),
        already=already,
    )


# --- levers ----------------------------------------------------------------------------------------------------


def _team_paid(facts: Facts, last: int) -> float:
    """The team of today; the payroll must be known, as hires cost money."""
    total(facts, "payroll", _quarter(last), "staffing")
    return values(facts, "headcount", [last], "staffing")[0]


def _marketing_spent(facts: Facts, last: int) -> float:
    """Marketing a month; enough new customers must be known to tell what one costs."""
    require_customers(facts, _quarter(last))
    new = total(facts, "new_customers", _quarter(last), "orders")
    if new < FEWEST_CASES:
        raise CannotTell(f"fewer than {FEWEST_CASES} new customers in three months, so it is not known what one costs")
    return total(facts, "marketing", _quarter(last), "cash") / 3 / MINOR


def _sites(facts: Facts, last: int) -> float:
    return values(facts, "locations", [last], "staffing")[0]


LEVERS = (
    _Lever("hires", "people", "runway", _team_paid, "nobody is on the team", lambda units: Step(hires=units)),
    _Lever(
        *("marketing", "money", "runway", _marketing_spent),
        nothing="no marketing was paid in the last three months, so it is not known what it wins",
        step=lambda units: Step(marketing=units * MINOR),
    ),
    _Lever(
        *("locations", "locations", "locations", _sites),
        nothing="there are no locations",
        step=lambda units: Step(locations=units),
    ),
)


# --- projection ------------------------------------------------------------------------------------------------


def _quarter(last: int) -> range:
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
        self.quarter = _quarter(self.last)

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
            sum(getattr(self.facts.month(month), name) or 0 for month in _quarter(last))
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
