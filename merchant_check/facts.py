"""The nouns that enter the checks: what one shop did, month by month, in small frozen rows.

Money is an integer number of ten-thousandths of the currency unit (`MINOR` of them make one), so sums are exact
in every currency and at every line price. Months are numbered `year * 12 + month - 1`, so that "twelve months
earlier" is `month - 12`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache, cached_property

MINOR = 10_000
MONTH_NAMES = (  # spelled out, because strftime speaks the language of the machine
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
SERIES_MONTHS = 12  # how many month-ends a finding's series looks back on
FOLLOWED_MONTHS = 24  # second-order follows customers first seen in the last 24 months
HORIZONS = (365, 180, 90)  # days after which second-order is judged: the longest that enough customers were followed
OLDEST_AGE = 12  # months of a cohort's gross profit within which acquisition-cost wants its cost earned back
TENURE_MONTHS = 6  # under six months on the team: a newcomer
UNSURE_MONTHS = 6  # with incomplete history, those first seen in a file's first 6 months may be old customers


def month_number(day: date) -> int:
    """The number of the day's month: year * 12 + month - 1."""
    return day.year * 12 + day.month - 1


@cache
def first_day(month: int) -> date:
    """The first day of a numbered month."""
    return date(month // 12, month % 12 + 1, 1)


@cache
def last_day(month: int) -> date:
    """The last day of a numbered month."""
    year, index = divmod(month, 12)
    return date(year, index + 1, monthrange(year, index + 1)[1])


def month_label(month: int) -> str:
    """The ISO label of a numbered month: 2026-03."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def month_name(month: int) -> str:
    """A numbered month in words: March 2026."""
    return f"{MONTH_NAMES[month % 12]} {month // 12}"


def months_before(day: date, months: int) -> date:
    """The same day of the month, `months` calendar months earlier (clipped to that month's length)."""
    target = month_number(day) - months
    return first_day(target) + timedelta(days=min(day.day, last_day(target).day) - 1)


@dataclass(frozen=True, slots=True)
class Month:
    """One calendar month of the shop; None where no input tells. Counts, and money in ten-thousandths.

    `largest_order` is the month's largest single order. Team figures are of the month's last day, except hires,
    leavers, pay and training, which are of the whole month; `newcomers` have under six months' tenure. Cash
    figures: `cash_balance` and `inventory` (at cost) at month end, the rest of the whole month; `net_burn` =
    -(change of balance - financing).
    """

    month: int
    orders: int = 0
    orders_without_customer: int = 0
    revenue: int = 0
    refunds: int = 0
    active_customers: int = 0
    new_customers: int = 0
    repeat_orders: int = 0
    repeat_revenue: int = 0
    largest_order: int = 0
    headcount: float | None = None
    hires: float | None = None
    leavers: float | None = None
    newcomers: float | None = None
    payroll: int | None = None
    bonus: int | None = None
    training_hours: float | None = None
    training_spend: int | None = None
    locations: float | None = None
    cash_balance: int | None = None
    financing: int | None = None
    net_burn: int | None = None
    company_revenue: int | None = None
    gross_profit: int | None = None
    cogs: int | None = None
    marketing: int | None = None
    inventory: int | None = None
    planned_revenue: int | None = None

    @property
    def net_revenue(self) -> int:
        return self.revenue - self.refunds

    @property
    def returning_customers(self) -> int:
        return self.active_customers - self.new_customers

    @property
    def orders_with_customer(self) -> int:
        return self.orders - self.orders_without_customer


@dataclass(frozen=True, slots=True)
class Day:
    """One calendar day from the first order to as_of; `largest_order` is its largest single order."""

    day: date
    orders: int
    net_revenue: int
    new_customers: int
    largest_order: int


@dataclass(frozen=True, slots=True)
class Year:
    """The twelve complete months ending with month `to`.

    `retained_revenue`: net revenue of these twelve months from customers who ordered in the twelve before; None
    where the file does not reach back 24 complete months.
    """

    to: int
    buyers: int
    orders_with_customer: int
    net_revenue: int
    net_revenue_with_customer: int
    retained_revenue: int | None


@dataclass(frozen=True, slots=True)
class RepeatWindow:
    """Repeat orders in the `months` complete months ending with `to`.

    The sums of squares and products over customers (of their repeat orders r and orders n) carry what a variance
    clustered by customer needs: Σ r², Σ r·n, Σ n². `far`: repeat orders whose customer had been away for more than
    half of the months back to the file's first; how many such orders lie beyond the file's start is guessed from them.
    """

    to: int
    months: int
    orders_with_customer: int
    repeat_orders: int
    sum_rr: int
    sum_rn: int
    sum_nn: int
    far: int = 0


@dataclass(frozen=True, slots=True)
class SecondOrder:
    """One row of a Kaplan-Meier table: of `at_risk` new customers still without a second order day after `gap`-1
    days and followed that long, `events` came back on day `gap`. `to` is the month at whose end (or as_of, if
    earlier) the following stops; group all, peak (won on the year's ten best days) or other."""

    to: int
    group: str
    gap: int
    at_risk: int
    events: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """What the customers first seen in `first_month` brought in `age` months later."""

    first_month: int
    age: int
    customers: int
    net_revenue: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole file, up to as_of."""

    orders: int
    orders_with_customer: int
    customers: int
    repeat_customers: int
    repeat_orders: int
    revenue: int
    refunds: int
    first_day: date
    last_day: date

    @property
    def net_revenue(self) -> int:
        return self.revenue - self.refunds


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last complete month of an input."""

    first: int
    last: int

    def __len__(self) -> int:
        return max(0, self.last - self.first + 1)

    def __bool__(self) -> bool:
        return len(self) > 0


@dataclass(frozen=True)
class Finance:
    """Rough money figures from the config, for shops without a cash sheet. Money in ten-thousandths, a month's."""

    cash_balance: int | None = None
    cash_balance_on: date | None = None
    gross_margin: float | None = None
    monthly_overhead: int | None = None
    monthly_marketing: int | None = None
    sales_tax_rate: float | None = None


@dataclass(frozen=True)
class Shop:
    """What the owner told about the shop in the config. `plan`: planned net revenue by year or by month number."""

    name: str = ""
    currency: str | None = None
    timezone: str | None = None
    opened: date | None = None
    category: str = "general"
    closed: frozenset[int] = frozenset()
    finance: Finance | None = None
    plan_years: Mapping[int, int] = field(default_factory=dict)
    plan_months: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """All that the checks may know. Rows are ordered by time; `spans` holds the complete months of each input given.

    `team_source` says what headcount rests on: "roster", "survivors" (a roster without any end date) or "sheet".
    `from_cash` names the team figures that come from the cash sheet. `plan_spread` says how a year's plan was spread
    over its months: "months" (given by month), "last year" (by that year's monthly shares) or "evenly".
    """

    shop: Shop
    as_of: date
    today: date
    totals: Totals
    has_customers: bool
    spans: Mapping[str, Span]
    sources: Mapping[str, str]
    months: tuple[Month, ...]
    days: tuple[Day, ...] = ()
    years: tuple[Year, ...] = ()
    repeat_windows: tuple[RepeatWindow, ...] = ()
    second_order: tuple[SecondOrder, ...] = ()
    cohorts: tuple[Cohort, ...] = ()
    team_source: str | None = None
    from_cash: frozenset[str] = frozenset()
    plan_spread: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def by_month(self) -> Mapping[int, Month]:
        return {row.month: row for row in self.months}

    def month(self, number: int) -> Month:
        """The month's row, an empty one outside the data."""
        return self.by_month.get(number) or Month(number)

    @cached_property
    def gaps(self) -> frozenset[int]:
        """Months without an order between months with orders, unless the shop was closed: a missing export?"""
        busy = [row.month for row in self.months if row.orders]
        if not busy:
            return frozenset()
        empty = set(range(busy[0], busy[-1])) - set(busy)
        return frozenset(empty - self.shop.closed)

    @property
    def history_complete(self) -> bool:
        """The file reaches back to the shop's opening, so every customer's first order is in it."""
        opened = self.shop.opened
        return opened is not None and opened >= months_before(self.totals.first_day, 1)

    @cached_property
    def year_to(self) -> Mapping[int, Year]:
        return {row.to: row for row in self.years}

    def until(self, month: int) -> Facts:
        """The same facts as they stood at the end of `month`: every input and table cut there."""
        return replace(
            self,
            as_of=min(self.as_of, last_day(month)),
            spans={role: Span(span.first, min(span.last, month)) for role, span in self.spans.items()},
            months=tuple(row for row in self.months if row.month <= month),
            days=self.days[: max(0, (last_day(month) - self.totals.first_day).days + 1)],
            years=tuple(row for row in self.years if row.to <= month),
            repeat_windows=tuple(row for row in self.repeat_windows if row.to <= month),
            second_order=tuple(row for row in self.second_order if row.to <= month),
            cohorts=tuple(row for row in self.cohorts if row.first_month + row.age <= month),
        )


def repeat_window_length(complete_months: int) -> int:
    """Months in the window of repeat-share: the latest min(12, half the complete months), at least 3."""
    return max(3, min(12, complete_months // 2))


def span_of(months: Iterable[int]) -> Span | None:
    """The span from the smallest to the largest of `months`; None if there are none."""
    found = sorted(months)
    return Span(found[0], found[-1]) if found else None
