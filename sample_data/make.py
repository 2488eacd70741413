"""Write the three sample shops: `python sample_data/make.py`. The same bytes on every run.

Each shop is a small simulation: new customers arrive, some come back, a team is hired, and the cash follows:

    balance = balance before + net revenue - goods bought - payroll - bonus - overhead - marketing + financing
    goods bought = cost of the goods sold + growth of the stock

The shops differ in the figures of STORIES and in nothing else. They and their customers are invented.
"""

import csv
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

LAST_DAY = date(2026, 10, 31)
GUESTS, CANCELLED = 0.016, 0.01  # shares of the orders
# Ten days a year, (month, day), that bring many new customers: a tasting, a fitting day, a deal.
FAIRS = [(11, 14), (11, 28), (12, 5), (12, 12), (1, 16), (1, 30), (2, 20), (3, 13), (3, 27), (4, 17)]
Course = tuple[float, float, float, float]  # on 1 October 2023, 2024, 2025, 2026, straight lines between


@dataclass(frozen=True)
class Story:
    name: str
    category: str
    opened: date
    seed: int
    # customers
    arrivals: Course  # new customers a month
    fair: Course  # more of them on each of the FAIRS
    loyal: float  # share of them who keep coming back
    again: tuple[float, float]  # chance of one more order after each: of the loyal, of the others
    gap_days: float  # mean days to that order
    basket: Course  # mean amount of an order
    season: Mapping[int, float]  # busy and quiet months; 1 where not named
    refunded: float  # share of orders sent back, half of these in part
    # team
    hires: Mapping[str, int]
    leavers: Mapping[str, int]
    pay: Course  # a head and month, with employer's charges
    bonus: float  # share of the year's payroll, paid in December
    training: Course  # hours a head and month
    # money
    margin: float  # gross profit / net revenue
    overhead: float  # a month
    site_cost: float  # a month for each location
    cost_per_customer: Course  # marketing spent to win one new customer
    stock_days: Course  # days of sales on the shelves
    plan: Mapping[int, int]
    financing: Mapping[str, int]  # money raised (+), loans repaid (-)
    locations: Mapping[str, int] = field(default_factory=lambda: {"2023-09": 1})  # number from that month on


# fmt: off
STORIES = {
    # Growth in step: regulars carry the sales, one more person joins when sales have grown by about a fifth,
    # pay rises with them, and stock follows sales.
    "steady": Story(
        name="Kettle Lane Tea", category="consumables", opened=date(2023, 9, 18), seed=125,
        arrivals=(22, 11, 11.5, 12.5), fair=(4, 5, 7, 8), loyal=0.33, again=(0.94, 0.23), gap_days=88,
        basket=(490, 505, 515, 525), season={12: 1.2, 1: 0.95, 7: 0.9, 8: 0.95}, refunded=0.014,
        hires={"2023-09": 5, "2024-11": 1, "2025-06": 1, "2025-12": 1, "2026-07": 1},
        leavers={"2025-05": 1, "2026-06": 1},
        pay=(1480, 1560, 1650, 1750), bonus=0.04, training=(3, 3, 3, 3),
        margin=0.5, overhead=1300, site_cost=600, cost_per_customer=(75, 76, 78, 80),
        stock_days=(50, 50, 50, 50), plan={2025: 350_000, 2026: 430_000},
        financing={"2023-09": 160_000, "2025-04": -5_000, "2026-04": -5_000},
    ),
    # The Vancl pattern: customers are loyal and sales grow a little, but people, fitting rooms and stock are
    # bought for the sales of the plan.
    "over-hired": Story(
        name="Northway Tailors", category="fashion", opened=date(2023, 9, 20), seed=14,
        arrivals=(16, 11, 12, 12.5), fair=(4, 5, 7, 8), loyal=0.34, again=(0.91, 0.18), gap_days=64,
        basket=(680, 690, 700, 710), season={11: 1.15, 12: 1.2, 2: 0.9, 8: 0.9}, refunded=0.02,
        hires={"2023-09": 8, "2024-05": 1, "2024-10": 1, "2025-04": 2, "2025-11": 2, "2026-01": 2,
               "2026-03": 2, "2026-05": 3, "2026-07": 3, "2026-09": 3},
        leavers={"2025-06": 1, "2026-02": 1, "2026-04": 2, "2026-06": 1, "2026-08": 1, "2026-10": 1},
        pay=(1600, 1640, 1680, 1720), bonus=0.03, training=(3, 2, 0, 0),
        margin=0.52, overhead=2500, site_cost=250, cost_per_customer=(140, 142, 145, 150),
        stock_days=(60, 60, 65, 180), plan={2025: 620_000, 2026: 1_200_000},
        financing={"2023-09": 220_000, "2025-06": 370_000},
        locations={"2023-09": 3, "2024-09": 5, "2025-12": 7, "2026-03": 9, "2026-05": 12, "2026-08": 16},
    ),
    # The group-buying pattern: orders double every year, but each new customer costs more than the last, few
    # return, and the money raised in March 2025 runs out.
    "ad-burn": Story(
        name="Snap Basket", category="general", opened=date(2023, 9, 25), seed=5,
        arrivals=(12, 22, 45, 96), fair=(3, 5, 8, 11), loyal=0.01, again=(0.6, 0.09), gap_days=60,
        basket=(220, 225, 230, 235), season={11: 1.2, 12: 1.15, 1: 0.9}, refunded=0.05,
        hires={"2023-09": 5, "2025-05": 1, "2026-03": 1, "2026-06": 1, "2026-09": 1},
        leavers={"2025-05": 1, "2026-05": 1, "2026-07": 1},
        pay=(1700, 1740, 1780, 1820), bonus=0, training=(2, 2, 1, 1),
        margin=0.28, overhead=1800, site_cost=700, cost_per_customer=(45, 50, 62, 125),
        stock_days=(20, 20, 20, 20), plan={2025: 120_000, 2026: 270_000},
        financing={"2023-09": 220_000, "2025-03": 320_000},
    ),
}
# fmt: on


class Order(NamedTuple):
    at: datetime
    customer: int
    amount: int  # in cents, like all money below


def course(values: Course, day: date) -> float:
    """The value on a day: straight between the four Octobers, level outside them."""
    years = min(max((day - date(2023, 10, 1)).days / 365.25, 0.0), 2.9999)
    left = int(years)
    return values[left] + (values[left + 1] - values[left]) * (years - left)


def arriving(story: Story, day: date) -> float:
    """New customers to expect on a day."""
    usual = course(story.arrivals, day) / 30.4 * story.season.get(day.month, 1.0)
    return usual + (course(story.fair, day) if (day.month, day.day) in FAIRS else 0.0)


def months(story: Story) -> dict[str, list[date]]:
    """The days the shop was open, by month like 2026-03."""
    found: defaultdict[str, list[date]] = defaultdict(list)
    for number in range((LAST_DAY - story.opened).days + 1):
        day = story.opened + timedelta(days=number)
        found[f"{day:%Y-%m}"].append(day)
    return found


def simulate_orders(story: Story, rng: random.Random) -> list[Order]:
    """Day by day customers arrive; each comes back, with a chance and after a gap, until they stop."""
    orders: list[Order] = []
    due, customer = 0.0, 0
    for day in (day for days in months(story).values() for day in days):
        due += arriving(story, day) * rng.uniform(0.5, 1.5)
        while due >= 1:
            due, customer = due - 1, customer + 1
            again = story.again[0 if rng.random() < story.loyal else 1]
            taste = math.exp(rng.gauss(-0.045, 0.3))  # some customers buy more each time; 1 on average
            visit = day
            while visit <= LAST_DAY:
                at = datetime.combine(visit, time(8)) + timedelta(seconds=rng.randrange(14 * 3600))
                amount = course(story.basket, visit) * taste * math.exp(rng.gauss(-0.02, 0.2))
                orders.append(Order(at, customer, round(amount * 10) * 10))
                if rng.random() >= again:
                    break
                gap = rng.gammavariate(2.0, story.gap_days / 2) / story.season.get(visit.month, 1.0)
                visit += timedelta(days=max(2, round(gap)))
    return sorted(orders)


def money(cents: int) -> str:
    return f"{cents / 100:.2f}"


def write_csv(path: Path, header: str, rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)


def write_orders(story: Story, path: Path) -> Counter[str]:
    """Write orders.csv with its guests, cancellations and refunds; return net revenue by month."""
    rng = random.Random(story.seed)
    orders = simulate_orders(story, rng)
    assert orders[-1].at.date() == LAST_DAY, f"{story.name}: no order on the last day, try another seed"
    numbers: dict[int, int] = {}  # customers are numbered in the order they first bought
    net_revenue: Counter[str] = Counter()
    rows = []
    for order_id, (at, customer, amount) in enumerate(orders, start=10_001):
        number = numbers.setdefault(customer, len(numbers) + 1)
        name = "" if rng.random() < GUESTS else f"C{number:04d}"
        status, refund, luck = "paid", 0, rng.random() - CANCELLED
        if luck < 0:
            status = "cancelled"
        elif luck < story.refunded / 2:
            status, refund = "refunded", amount
        elif luck < story.refunded:
            refund = amount // 40 * 10
        if status != "cancelled":
            net_revenue[f"{at:%Y-%m}"] += amount - refund
        rows.append([order_id, name, at, money(amount), money(refund) if refund else "", status])
    write_csv(path, "order_id,customer_id,ordered_at,amount,refund,status", rows)
    return net_revenue


def write_staffing(story: Story, path: Path) -> dict[str, int]:
    """Write staffing.csv; return what the team and its locations cost by month."""
    headcount = locations = 0
    payrolls: Counter[str] = Counter()  # by year
    costs: dict[str, int] = {}
    rows = []
    for month, days in months(story).items():
        hires, leavers = story.hires.get(month, 0), story.leavers.get(month, 0)
        headcount += hires - leavers
        locations = story.locations.get(month, locations)
        payroll = headcount * round(course(story.pay, days[0])) * 100
        payrolls[month[:4]] += payroll
        bonus = round(payrolls[month[:4]] * story.bonus / 1000) * 1000 if month.endswith("-12") else 0
        training = round(headcount * course(story.training, days[0]))
        costs[month] = payroll + bonus + round(story.site_cost * 100) * locations
        rows.append([month, headcount, hires, leavers, money(payroll), money(bonus), training, locations])
    write_csv(path, "month,headcount,hires,leavers,payroll,bonus,training_hours,locations", rows)
    return costs


def write_cash(story: Story, net_revenue: Mapping[str, int], costs: Mapping[str, int], path: Path) -> None:
    balance = stock = 0
    cogs_a_day: list[float] = []
    rows = []
    for month, days in months(story).items():
        revenue = net_revenue[month]
        cogs = round(revenue * (1 - story.margin))
        cogs_a_day = [*cogs_a_day[-2:], cogs / len(days)]  # of the last three months
        wanted = course(story.stock_days, days[0]) * sum(cogs_a_day) / len(cogs_a_day)
        bought = cogs + round(wanted / 1000) * 1000 - stock
        stock += bought - cogs
        won = sum(arriving(story, day) for day in days)
        marketing = round(won * course(story.cost_per_customer, days[0]) / 10) * 1000
        financing = story.financing.get(month, 0) * 100
        balance += revenue - bought - costs[month] - round(story.overhead * 100) - marketing + financing
        assert balance > 0, f"{story.name} is out of money in {month}"
        rows.append([month, *map(money, (balance, financing, marketing, stock, revenue, cogs))])
    write_csv(path, "month,cash_balance,financing,marketing,inventory,net_revenue,cogs", rows)


def config(story: Story) -> str:
    plan = "".join(f"  {year}: {amount}\n" for year, amount in story.plan.items())
    return f"""\
# A shop that does not exist: sample_data/make.py wrote its files.
merchant:
  name: {story.name}
  currency: EUR
  timezone: Europe/Lisbon
  opened: {story.opened}
  category: {story.category}
inputs:
  orders: orders.csv
  staffing: staffing.csv
  cash: cash.csv
plan: # net revenue aimed at, by year
{plan}"""


def main() -> None:
    for folder, story in STORIES.items():
        to = Path(__file__).resolve().parent / folder
        to.mkdir(exist_ok=True)
        net_revenue = write_orders(story, to / "orders.csv")
        costs = write_staffing(story, to / "staffing.csv")
        write_cash(story, net_revenue, costs, to / "cash.csv")
        (to / "config.yaml").write_text(config(story), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
