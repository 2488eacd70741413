"""Small shops for the property tests: invented order by order, written as CSV, reviewed by the product."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from merchant_check.facts import Shop
from merchant_check.read.account import ReadSettings
from merchant_check.read.files import File
from merchant_check.render.json_v1 import render
from merchant_check.report import Report
from merchant_check.review import Request, review
from tests import oracle

MEMORY = 1 << 30
TODAY = date(2030, 1, 1)
Row = dict[str, str]


@dataclass(frozen=True)
class Invented:
    """A shop's rows by column, and what its owner says about it."""

    rows: tuple[Row, ...]
    as_of: date | None = None
    opened: date | None = None
    today: date = TODAY

    @property
    def header(self) -> list[str]:
        return list(self.rows[0])

    def csv(self, columns: Sequence[str] | None = None) -> str:
        header = columns or self.header
        return "".join(
            ",".join(line) + "\n" for line in [header, *([row[name] for name in header] for row in self.rows)]
        )

    def of(self, rows: Iterable[Row]) -> Invented:
        """The same shop with other rows."""
        return replace(self, rows=tuple(rows))


# ---- the two ways to the facts


def reviewed(
    folder: Path, *texts: str, columns: Mapping[str, str] | None = None, timezone: str | None = None, **given: Any
) -> Report:
    """The product's report on orders files; `given`: as_of, opened, today, memory."""
    files = []
    for number, text in enumerate(texts, 1):
        (folder / f"orders{number}.csv").write_text(text, "utf-8")
        files.append(File(str(folder / f"orders{number}.csv"), f"orders{number}.csv"))
    shop = Shop(opened=given.get("opened"), timezone=timezone)
    reading = ReadSettings(today=given.get("today", TODAY), as_of=given.get("as_of"), timezone=timezone)
    return review(Request(files, reading, shop, {"orders": columns or {}}, memory=given.get("memory", MEMORY)))


def published(report: Report) -> dict[str, Any]:
    """The report's facts as the JSON gives them to everyone."""
    facts: dict[str, Any] = json.loads(render(report, exit_code=0))["facts"]
    return facts


def facts_of(folder: Path, shop: Invented, *texts: str, **others: Any) -> dict[str, Any]:
    """The published facts of a shop, from its own CSV or from these."""
    told: dict[str, Any] = {"as_of": shop.as_of, "opened": shop.opened, "today": shop.today}
    return published(reviewed(folder, *(texts or [shop.csv()]), **told, **others))


def oracles(folder: Path, shop: Invented) -> oracle.Orders:
    path = folder / "oracle.csv"
    path.write_text(shop.csv(), "utf-8")
    return oracle.read_orders([path], today=shop.today, as_of=shop.as_of, opened=shop.opened)


# ---- comparing


def exact(value: Any) -> Any:
    """Numbers and texts as both sides write them: money and counts as decimals of four places."""
    if isinstance(value, dict):
        return {key: exact(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [exact(entry) for entry in value]
    if isinstance(value, float | int | Decimal) and not isinstance(value, bool):
        return Decimal(str(value)).quantize(Decimal("0.0001"))
    return value


def select(rows: Iterable[Mapping[str, Any]], like: Iterable[Mapping[str, Any]]) -> list[Any]:
    """The rows with only the keys that the other rows have."""
    keys = next((list(row) for row in like), [])
    return [exact({key: row[key] for key in keys}) for row in rows]


def year_of_days(shop: oracle.Orders) -> list[Decimal]:
    """Net revenue of each day of the last twelve complete months that sold more than it took back."""
    year = shop.complete[-12:]
    return [net for day, net in oracle.net_by_day(shop).items() if oracle.month_of(day) in year and net > 0]


# ---- inventing

START = date(2022, 1, 1)
EVENTS = ("plain",) * 8 + (
    "cancelled",
    "pending",
    "refunded",
    "part",
    "back",
    "back alone",
    "old",
    "twice",
    "free",
    "guest",
)
Sale = tuple[
    int, int, int, str, int
]  # day, customer, cents, what is special, days until the refund (old: before the first day)


def sales(length: int) -> st.SearchStrategy[list[Sale]]:
    sale = st.tuples(
        st.integers(0, length),
        st.integers(1, 9),
        st.integers(1, 99_999),
        st.sampled_from(EVENTS),
        st.integers(0, 5) | st.integers(0, 70),
    )
    return st.lists(sale, min_size=1, max_size=40)


@st.composite
def shops(draw: st.DrawFn, *, busy: bool | None = None, items: bool | None = None) -> Invented:
    """A shop of 3 to 40 months: busy (an order every few days) or sparse, with one row an order or line items."""
    first = START + timedelta(days=draw(st.integers(0, 12) | st.integers(0, 400)))
    length = draw(st.integers(700, 1200) | st.integers(80, 1200))
    found = draw(sales(length))
    if busy is None:
        busy = draw(st.sampled_from([True, True, False]))
    if busy:
        pace, turn = draw(st.sampled_from([5, 9, 14])), draw(st.integers(3, 17))
        closed = draw(st.integers(0, length))
        for number, day in enumerate(range(0, length, pace)):
            if not closed <= day < closed + 45 or day == 0:
                who = 10 + number // 24 * turn + number * 7 % turn  # every so often others come
                found.append((day, who, 1_000 + number * 37 % 9_000, "plain", 0))
    if items is None:
        items = draw(st.booleans())
    write = item_rows if items else order_rows
    rows = [row for number, sale in enumerate(found) for row in write(number, first, sale)]
    kept = [sale[0] for sale in found if sale[3] not in ("cancelled", "pending", "old")]
    if not kept:
        rows += write(len(found), first, (0, 1, 500, "plain", 0))
        kept = [0]
    some_day = st.integers(max(min(kept), length - 90), length + 40) | st.integers(min(kept), length + 40)
    as_of, opened = draw(st.none() | some_day), draw(st.none() | st.integers(-70, 20))
    return Invented(
        tuple(rows),
        as_of=None if as_of is None else first + timedelta(days=as_of),
        opened=None if opened is None else first + timedelta(days=opened),
    )


def stamp(first: date, day: int, seed: int) -> str:
    return str(datetime.combine(first, datetime.min.time()) + timedelta(days=day, seconds=seed * 7919 % 86_400))


def money(cents: int) -> str:
    return f"{cents / 100:.2f}"


def order_rows(number: int, first: date, sale: Sale) -> list[Row]:
    """One row for the order, perhaps one more for its refund or a copy of the row."""
    day, who, cents, event, later = sale
    customer = "" if event == "guest" else f"c{who}"
    status = event if event in ("cancelled", "pending", "refunded") else "paid"
    order = {
        "order_id": f"A{number}",
        "customer_id": customer,
        "ordered_at": stamp(first, day, number),
        "amount": "0" if event == "free" else money(cents),
        "refund": money(cents // 3) if event == "part" else "",
        "status": status,
    }
    back = order | {
        "ordered_at": stamp(first, day + later, number),
        "amount": f"-{money(cents // 2 + 1)}",
        "status": "",
    }
    return {
        "back": [order, back],
        "back alone": [order, back | {"order_id": f"R{number}"}],
        "old": [back | {"order_id": f"R{number}", "ordered_at": stamp(first, -later, number)}],
        "twice": [order, order],
    }.get(event, [order])


def item_rows(number: int, first: date, sale: Sale) -> list[Row]:
    """Lines of quantity and price; a line of negative quantity is a refund; copies are lines of their own."""
    day, who, cents, event, later = sale
    line = {
        "invoice": f"A{number}",
        "customer": "" if event == "guest" else f"c{who}",
        "invoice_date": stamp(first, day, number),
        "status": event if event in ("cancelled", "pending") else "",
        "quantity": str(1 + number % 3),
        "unit_price": "0" if event == "free" else money(cents),
    }
    lines = [line | {"unit_price": money(cents + extra * 11)} for extra in range(number % 3)] if event != "free" else []
    back = line | {"invoice_date": stamp(first, day + later, number), "quantity": "-1"}
    return {
        "back": [line, *lines, back],
        "back alone": [line, *lines, back | {"invoice": f"R{number}"}],
        "old": [back | {"invoice": f"R{number}", "invoice_date": stamp(first, -later, number)}],
        "twice": [line, *lines, line],
    }.get(event, [line, *lines])
