"""The facts once more, in plain Python: slow, obvious, and sharing nothing with the product it checks."""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

Facts = dict[str, Any]
Headers = Mapping[str, str]

# Field -> the headers it goes by besides its own name; case, spaces, hyphens and underscores do not count.
ORDERS: Headers = {
    "order_id": "salesordernumber ordernumber invoiceno invoice order",
    "email": "emailaddress customeremail",
    "customer_id": "customerkey customer",
    "ordered_at": "orderdate invoicedate date createdat",
    "amount": "salesamount ordertotal total",
    "quantity": "qty",
    "price": "unitprice",
    "refund": "refundamount refundedamount",
    "status": "orderstatus",
}
ROSTER: Headers = {
    "person": "personid employeeid employee businessentityid id name",
    "start": "startdate hiredate dateofhire",
    "end": "enddate terminationdate dateoftermination",
    "status": "employmentstatus",
}
TEAM = ["headcount", "hires", "leavers", "payroll", "bonus", "training_hours", "training_spend", "locations"]
CASH = ["cash_balance", "financing", "company_revenue", "gross_profit", "cogs", "marketing", "inventory"]
SHEET: Headers = dict.fromkeys([*TEAM, *CASH, "planned_revenue"], "") | {
    "month": "date",
    "cash_balance": "balance",
    "company_revenue": "netrevenue revenue",
    "marketing": "marketingspend",
}
NOT_AN_ORDER = {"cancelled", "canceled", "failed", "voided", "unpaid", "pending"}
HAS_LEFT = {"left", "terminated", "inactive", "resigned", "former"}
CREDIT_NOTE = re.compile(r"C\d")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


# ---- calendar, numbers, tables: a month is counted as year * 12 + month - 1 until it is printed ----


def month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def month_name(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def month_number(name: str) -> int:
    return month_of(date.fromisoformat(f"{name}-01"))


def first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    return first_day(month + 1) - timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """The same day number so many months later, or the last day of a month too short for it."""
    month = month_of(day) + months
    return first_day(month).replace(day=min(day.day, last_day(month).day))


def money(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.0001"))


@cache
def read_number(text: str) -> Decimal | None:
    return Decimal(text) if NUMBER.fullmatch(text) else None


@cache
def read_stamp(text: str, timezone: str | None = None) -> datetime | None:
    """The wall clock: in `timezone` where that is given and the stamp has an offset, else as written."""
    try:
        stamp = datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d)", "", text.replace("/", "-")))
    except ValueError:
        return None
    return (stamp.astimezone(ZoneInfo(timezone)) if timezone and stamp.tzinfo else stamp).replace(tzinfo=None)


def read_table(path: str | Path, known: Headers, given: Headers | None = None) -> Iterator[dict[str, str]]:
    """The rows that are not blank, by field, and whole under ""; headers in `given` come before the known."""

    def plain(header: str) -> str:
        return re.sub(r"[\s_-]", "", header).lower()

    opener: Any = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        first = file.readline()
        table = csv.reader(chain([first], file), delimiter=max(",;\t", key=first.count))
        header, columns = [plain(name) for name in next(table)], {}
        for field, others in known.items():
            wanted = [(given or {}).get(field, field), *others.split()]
            for name in reversed([plain(name) for name in wanted if plain(name) in header]):
                columns[field] = header.index(name)
        if given and "customer_id" in given and "email" not in given:
            columns.pop("email", None)  # whoever names the customer's column means it
        for row in table:
            if any(cell.strip() for cell in row):
                cells = {field: row[at].strip() if at < len(row) else "" for field, at in columns.items()}
                yield cells | {"": "\n".join(cell.strip() for cell in row)}


# ---- files -> rows -> orders and refunds ----


class Row(NamedTuple):
    id: str
    customer: str | None
    stamp: datetime
    amount: Decimal
    refund: Decimal
    is_refund: bool
    cancelled: bool


class Sale(NamedTuple):
    """An order; or a refund, its amount as a positive number."""

    day: date
    customer: str | None
    amount: Decimal


@dataclass(frozen=True)
class Orders:
    """What was kept of the files: every fact is computed from this."""

    orders: list[Sale]
    refunds: list[Sale]
    as_of: date
    opened: date | None
    set_aside: dict[str, int]

    @cached_property
    def order_days(self) -> dict[str, list[date]]:
        """Each customer's distinct order days, sorted: on the first he was new."""
        days = defaultdict(set)
        for order in self.orders:
            if order.customer:
                days[order.customer].add(order.day)
        return {customer: sorted(found) for customer, found in days.items()}

    @cached_property
    def ledger(self) -> list[Sale]:
        """Orders and refunds together, refunds negative: its sums are net revenue."""
        return self.orders + [refund._replace(amount=-refund.amount) for refund in self.refunds]

    @cached_property
    def days(self) -> list[date]:
        return sorted({order.day for order in self.orders})

    @cached_property
    def months(self) -> list[int]:
        return list(range(month_of(self.days[0]), month_of(self.as_of) + 1)) if self.days else []

    @cached_property
    def complete(self) -> list[int]:
        """The complete months, allowing the shop's usual gap at each end."""
        gaps = sorted((later - earlier).days for earlier, later in pairwise(self.days))
        rank = (95 * len(gaps) + 99) // 100  # the nearest rank: 95 % of them, rounded up
        usual = timedelta(gaps[rank - 1] if gaps else 0)
        started = [month for month in self.months if self.days[0] - usual <= first_day(month)]
        return [month for month in started if last_day(month) <= self.as_of + usual]

    def is_repeat(self, order: Sale) -> bool:
        return order.customer is not None and order.day > self.order_days[order.customer][0]


def sift(rows: list[Row], aside: Counter[str], reason: str, wanted: Callable[[Row], bool]) -> list[Row]:
    """The wanted rows; the others are set aside and counted."""
    kept = [row for row in rows if wanted(row)]
    aside[reason] += len(rows) - len(kept)
    return kept


def read_rows(path: str | Path, aside: Counter[str], zone: str | None, given: Headers | None) -> list[Row]:
    """The readable rows of a file, without identical ones if it has one row an order."""
    rows: list[tuple[str, Row]] = []
    items = False
    for cell in read_table(path, ORDERS, given):
        items = "amount" not in cell
        stamp = read_stamp(cell["ordered_at"], zone)
        quantity = read_number(cell["quantity"]) if items else Decimal(1)
        price = read_number(cell["price" if items else "amount"])
        refund = read_number(cell.get("refund") or "0")
        if stamp is None:
            aside["unreadable date"] += 1
        elif quantity is None or price is None or refund is None:
            aside["unreadable amount"] += 1
        else:
            status, amount = cell.get("status", "").lower(), quantity * price
            row = Row(
                id=cell["order_id"],
                customer=cell.get("email", "").lower() or cell.get("customer_id") or None,
                stamp=stamp,
                amount=amount,
                refund=amount if status == "refunded" and not refund else abs(refund),
                is_refund=items and (quantity < 0 or bool(CREDIT_NOTE.match(cell["order_id"]))),
                cancelled=status in NOT_AN_ORDER,
            )
            rows.append(("" if items else cell[""], row))
    # One amount column: negative rows beside an order (its refunds) still leave the file one row an order.
    distinct = list(dict(rows).values())
    ids = Counter(row.id for row in distinct if row.amount >= 0)
    if items or len(ids) < ids.total():
        return [row for _, row in rows]
    aside["identical duplicate"] += len(rows) - len(distinct)
    return [row._replace(is_refund=row.amount < 0) for row in distinct]


def read_orders(
    paths: Iterable[str | Path],
    *,
    today: date,
    as_of: date | None = None,
    opened: date | None = None,
    timezone: str | None = None,
    columns: Headers | None = None,
) -> Orders:
    """Read the files, cut them at `today` and `as_of`, merge what overlaps, tell orders from refunds."""
    aside: Counter[str] = Counter()
    files = [rows for path in paths if (rows := read_rows(path, aside, timezone, columns))]

    # One group of rows for each order, and one for its refunds; the file with the newer last row wins.
    kept: dict[tuple[str, bool], tuple[datetime, list[Row]]] = {}
    for rows in sorted(files, key=lambda rows: max(row.stamp for row in rows)):
        newest = max(row.stamp for row in rows)
        past = sift(rows, aside, "in the future", lambda row: row.stamp.date() <= today)
        groups = defaultdict(list)
        for row in sift(past, aside, "after as_of", lambda row: as_of is None or row.stamp.date() <= as_of):
            groups[row.id, row.is_refund].append(row)
        for key, group in groups.items():
            older, before = kept.get(key, (None, []))
            if older == newest and Counter(before) != Counter(group):
                raise ValueError(f"equally new files disagree about {key[0]}")
            aside["also in another file"] += len(before)
            kept[key] = newest, group

    every = [row for _, group in kept.values() for row in group]
    named = sorted((row.stamp, row.customer, row.id) for row in every if row.customer)
    customers = {order_id: customer for _, customer, order_id in reversed(named)}  # of its earliest row
    orders, refunds, returned = [], [], []
    for (order_id, is_refund), (_, group) in kept.items():
        live = sift(group, aside, "not an order", lambda row: not row.cancelled)
        customer, amount = customers.get(order_id), sum((row.amount for row in live), Decimal(0))
        if is_refund and not CREDIT_NOTE.match(order_id):
            returned += [Sale(row.stamp.date(), customer, abs(row.amount)) for row in live]
        elif is_refund or amount < 0:  # as a whole: its lines keep their signs to each other
            sign = -1 if amount < 0 else 1
            returned += [Sale(row.stamp.date(), customer, sign * row.amount) for row in live]
        elif amount == 0 and customer is None:
            aside["no amount, no customer"] += len(live)
        elif live:
            day = min(row.stamp for row in live).date()
            orders.append(Sale(day, customer, amount))
            refunds.append(Sale(day, customer, sum((row.refund for row in live), Decimal(0))))
    end = as_of or max((order.day for order in orders), default=today)
    in_time = [refund for refund in returned if refund.day <= end]
    aside["after as_of"] += len(returned) - len(in_time)
    refunds = [refund for refund in refunds + in_time if refund.amount]
    return Orders(orders, refunds, end, opened, {reason: rows for reason, rows in aside.items() if rows})


# ---- orders -> facts ----


def orders_facts(
    paths: Iterable[str | Path],
    *,
    today: date,
    as_of: date | None = None,
    opened: date | None = None,
    timezone: str | None = None,
    columns: Headers | None = None,
) -> Facts:
    """The facts that come from orders, under the names they have in the JSON report."""
    shop = read_orders(paths, today=today, as_of=as_of, opened=opened, timezone=timezone, columns=columns)
    return facts(shop)


def facts(shop: Orders) -> Facts:
    """All facts of what was kept; of the days those with an order or a refund."""
    orders = Counter(order.day for order in shop.orders)
    won = Counter(days[0] for days in shop.order_days.values())
    return {
        "totals": {
            **sums(shop, shop.orders, shop.refunds),
            "orders_with_customer": sum(order.customer is not None for order in shop.orders),
            "customers": len(shop.order_days),
            "repeat_customers": sum(len(own) >= 2 for own in shop.order_days.values()),
            "first_day": str(shop.days[0]) if shop.days else None,
            "last_day": str(shop.days[-1]) if shop.days else None,
        },
        "months": month_facts(shop),
        "days": [
            {"day": str(day), "orders": orders[day], "net_revenue": money(net), "new_customers": won[day]}
            for day, net in net_by_day(shop).items()
        ],
        "years": [year_facts(shop, month) for month in shop.complete[11:]],
        "second_order": [row for group in ("all", "peak", "other") for row in survival_table(shop, group)],
        "cohorts": cohort_facts(shop),
        "set_aside": shop.set_aside,
        "complete": [month_name(shop.complete[0]), month_name(shop.complete[-1])] if shop.complete else None,
        "as_of": str(shop.as_of),
    }


def total(sales: Iterable[Sale]) -> Decimal:
    return sum((sale.amount for sale in sales), Decimal(0))


def net_by_day(shop: Orders) -> dict[date, Decimal]:
    net: defaultdict[date, Decimal] = defaultdict(Decimal)
    for sale in shop.ledger:
        net[sale.day] += sale.amount
    return dict(sorted(net.items()))


def sums(shop: Orders, orders: list[Sale], refunds: list[Sale]) -> Facts:
    return {
        "orders": len(orders),
        "revenue": money(total(orders)),
        "refunds": money(total(refunds)),
        "net_revenue": money(total(orders) - total(refunds)),
        "repeat_orders": sum(shop.is_repeat(order) for order in orders),
    }


def month_facts(shop: Orders) -> list[Facts]:
    """Every calendar month from the first order's to as_of's."""
    orders_in, refunds_in = defaultdict(list), defaultdict(list)
    for order in shop.orders:
        orders_in[month_of(order.day)].append(order)
    for refund in shop.refunds:
        refunds_in[month_of(refund.day)].append(refund)
    won_in = Counter(month_of(days[0]) for days in shop.order_days.values())
    found = []
    for month in shop.months:
        orders = orders_in[month]
        active = len({order.customer for order in orders if order.customer})
        own = {
            "month": month_name(month),
            "active_customers": active,
            "new_customers": won_in[month],
            "returning_customers": active - won_in[month],
            "repeat_revenue": money(total(filter(shop.is_repeat, orders))),
            "orders_without_customer": sum(order.customer is None for order in orders),
        }
        found.append(own | sums(shop, orders, refunds_in[month]))
    return found


def year_facts(shop: Orders, last: int) -> Facts:
    """The twelve months ending with `last`, and what of them came from the buyers of the twelve before."""
    year, year_before = range(last - 11, last + 1), range(last - 23, last - 11)
    named = [order for order in shop.orders if order.customer and month_of(order.day) in year]
    before = {order.customer for order in shop.orders if month_of(order.day) in year_before} - {None}
    net = [sale for sale in shop.ledger if month_of(sale.day) in year]
    retained = money(total(sale for sale in net if sale.customer in before))
    return {
        "to": month_name(last),
        "buyers": len({order.customer for order in named}),
        "orders_with_customer": len(named),
        "net_revenue": money(total(net)),
        "net_revenue_with_customer": money(total(sale for sale in net if sale.customer)),
        "retained_revenue": retained if year_before[0] in shop.complete else None,
    }


def cohort_facts(shop: Orders) -> list[Facts]:
    """Net revenue by month first seen and months since; a refund before the first order is in no cohort."""
    first = {customer: month_of(days[0]) for customer, days in shop.order_days.items()}
    size = Counter(first.values())
    net: defaultdict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for sale in shop.ledger:
        if sale.customer in first:
            net[first[sale.customer], month_of(sale.day) - first[sale.customer]] += sale.amount
    return [
        {"first_month": month_name(won), "age": age, "customers": number, "net_revenue": money(net[won, age])}
        for won, number in sorted(size.items())
        for age in range(month_of(shop.as_of) - won + 1)
    ]


# ---- coming back ----


def won_days(shop: Orders, group: str) -> set[date]:
    """The first order days a group follows: "all" recent ones, Y's ten best ("peak"), Y's "other"."""
    won = {days[0] for days in shop.order_days.values()}
    if group == "all":
        past_known = shop.opened and won and shop.opened >= add_months(shop.days[0], -1)
        start = date.min if past_known or not won else add_months(shop.days[0], 6)
        return {day for day in won if day >= start and day > add_months(shop.as_of, -24)}
    year = shop.complete[-12:] if len(shop.complete) >= 12 else []
    net = {day: amount for day, amount in net_by_day(shop).items() if month_of(day) in year}
    best = sorted(net, key=lambda day: (-net[day], day))[:10]
    return {day for day in won if day in net and (day in best) == (group == "peak")}


def waiting_times(shop: Orders, group: str = "all") -> list[tuple[int, bool]]:
    """Per customer: days to the next order day (True), or days up to as_of without one (False)."""
    won = won_days(shop, group)
    return [
        ((days[1] - days[0]).days, True) if len(days) > 1 else ((shop.as_of - days[0]).days, False)
        for days in shop.order_days.values()
        if days[0] in won
    ]


def at_risk_at(times: Iterable[tuple[int, bool]], horizon: int) -> int:
    """How many of the customers had not yet ordered again, and were still watched, just before `horizon`."""
    return sum(days >= horizon for days, _ in times)


def survival_table(shop: Orders, group: str) -> list[Facts]:
    times = waiting_times(shop, group)
    events = sorted(Counter(days for days, again in times if again).items())
    return [{"group": group, "gap": gap, "at_risk": at_risk_at(times, gap), "events": n} for gap, n in events]


def kaplan_meier(rows: Iterable[Facts], horizon: int) -> float:
    """The probability of a second order within `horizon` days, from the rows of one group."""
    waiting = 1.0
    for row in rows:
        if row["gap"] <= horizon:
            waiting *= 1 - row["events"] / row["at_risk"]
    return 1 - waiting


def repeat_window(shop: Orders, last_month: str, months: int) -> tuple[int, int, float]:
    """Orders with a customer n, repeat orders r, and the variance of r / n clustered by customer."""
    last = month_number(last_month)
    orders: Counter[str] = Counter()
    repeats: Counter[str] = Counter()
    for order in shop.orders:
        if order.customer and last - months < month_of(order.day) <= last:
            orders[order.customer] += 1
            repeats[order.customer] += shop.is_repeat(order)
    n, r = orders.total(), repeats.total()
    if n == 0:
        return 0, 0, 0.0
    return n, r, float(sum((repeats[who] - Fraction(r, n) * orders[who]) ** 2 for who in orders) / n**2)


# ---- staffing and cash ----


def read_sheet(path: str | Path) -> dict[int, dict[str, Decimal | None]]:
    """A monthly sheet: month -> field -> value, None where the column or the value is missing."""
    sheet = {}
    for cell in read_table(path, SHEET):
        month = month_number(cell["month"][:7])
        sheet[month] = {field: read_number(cell.get(field, "")) for field in SHEET if field != "month"}
    return sheet


def cash_months(path: str | Path) -> dict[str, Facts]:
    """The cash sheet by month, with its net burn; a missing financing counts as none."""
    sheet = read_sheet(path)
    found: dict[str, Facts] = {}
    for month, values in sheet.items():
        after, before = values["cash_balance"], sheet.get(month - 1, {}).get("cash_balance")
        found[month_name(month)] = {**values, "net_burn": None}
        if after is not None and before is not None:
            found[month_name(month)]["net_burn"] = -(after - before - (values["financing"] or 0))
    return found


def staffing_months(path: str | Path, months: Iterable[str], as_of: date) -> dict[str, Facts]:
    """The team by month, from a roster (it has a column of starts) or a monthly sheet."""
    if any("start" in cell for cell in read_table(path, ROSTER)):
        return roster_months(path, months, as_of)
    sheet = {month: values for month, values in read_sheet(path).items() if first_day(month) <= as_of}
    found: dict[str, Facts] = {}
    for name in months:
        month = month_number(name)
        values = sheet.get(month, {})
        hires = [sheet.get(m, {}).get("hires") for m in range(month - 5, month + 1)]
        known = [number for number in hires if number is not None]
        now, then = values.get("headcount"), sheet.get(month - 6, {}).get("headcount")
        newcomers = sum(known, Decimal(0)) if len(known) == 6 else None
        if newcomers is None and now is not None and then is not None:
            newcomers = max(now - then, Decimal(0))  # net growth: at least so many are new
        found[name] = {field: values.get(field) for field in TEAM} | {"newcomers": newcomers}
    return found


def roster_months(path: str | Path, months: Iterable[str], as_of: date) -> dict[str, Facts]:
    """People on the payroll at month end, in as_of's own month at as_of; what happens after it is unknown."""
    rows: set[tuple[str, date, date]] = set()
    for number, cell in enumerate(read_table(path, ROSTER)):
        start, end = read_stamp(cell["start"]), read_stamp(cell.get("end", ""))
        gone = end is None and cell.get("status", "").lower() in HAS_LEFT  # nobody knows since when
        if start and start.date() <= as_of and not gone:
            person = cell.get("person") or f"row {number}"
            rows.add((person, start.date(), end.date() if end else date.max))

    def team(day: date) -> set[str]:
        return {person for person, start, end in rows if start <= day < end}

    # Someone who moved (a row ends, another starts that day) is neither hired nor gone.
    # Someone with two rows that start or end on one day is still one person.
    starts, ends = {(who, start) for who, start, _ in rows}, {(who, end) for who, _, end in rows}
    hired = Counter(month_of(start) for who, start in starts if who not in team(start - timedelta(days=1)))
    left = Counter(month_of(end) for who, end in ends if end <= as_of and who not in team(end))
    ends_known = any(end <= as_of for _, _, end in rows)
    found: dict[str, Facts] = {}
    for name in months:
        month = month_number(name)
        now = team(min(last_day(month), as_of))
        found[name] = {
            "headcount": len(now),
            "hires": hired[month],
            "leavers": left[month] if ends_known else None,
            "newcomers": len(now - team(last_day(month - 6))),
        }
    return found
