"""The same orders give the same facts, byte for byte, however a program wrote them down."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from merchant_check.read.account import ReadSettings
from merchant_check.read.files import File
from merchant_check.render.json_v1 import render
from merchant_check.review import Request, review

GERMAN = ("Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez")
KEPT = ("paid", "shipped", "completed", "refunded")


@dataclass(frozen=True)
class Order:
    id: str
    customer: str
    day: date
    amount: Decimal
    status: str


def orders() -> list[Order]:
    """Sixty orders of fifteen months, the cheapest below one, the dearest above a thousand, in no order of days."""
    rng = random.Random(60)
    days = [date(2024, 1, 13) + timedelta(rng.randrange(450)) for _ in range(58)]
    days += [date(2024, 1, 13), date(2025, 4, 17)]  # days above 12 at either end
    statuses = [*("paid", "shipped", "completed") * 17, *("cancelled", "pending", "refunded") * 3]
    amounts = [Decimal(rng.randint(75, 250_000)) / 100 for _ in days]
    return [
        Order(f"A{1000 + number}", f"c{rng.randint(1, 25):02}", day, amount, status)
        for number, (day, amount, status) in enumerate(zip(days, amounts, statuses, strict=True))
    ]


ORDERS = orders()


def grouped(amount: Decimal, thousands: str, point: str) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", thousands + point))


def arabic(text: str) -> str:
    return text.translate({ord(str(digit)): chr(0x660 + digit) for digit in range(10)} | {ord("."): "\u066b"})


@dataclass(frozen=True)
class Dialect:
    """A way to write orders down; `columns` is what the user has to say about it."""

    day: Callable[[date], str]
    amount: Callable[[Decimal], str]
    delimiter: str = ","
    encoding: str = "utf-8"
    headers: Sequence[str] = ("order_id", "customer_id", "ordered_at", "amount", "status", "note")
    words: Mapping[str, str] = field(default_factory=dict)  # status → as the program says it
    note: str = ""
    quote: str = '"'
    quote_all: bool = False
    line_end: str = "\n"
    above: str = ""
    packed: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)

    def written(self) -> bytes:
        text = io.StringIO()
        writer = csv.writer(
            text,
            delimiter=self.delimiter,
            quotechar=self.quote,
            quoting=csv.QUOTE_ALL if self.quote_all else csv.QUOTE_MINIMAL,
            lineterminator=self.line_end,
        )
        writer.writerow(self.headers)
        for order in ORDERS:
            status = self.words.get(order.status, order.status)
            day, amount = self.day(order.day), self.amount(order.amount)
            writer.writerow((order.id, order.customer, day, amount, status, self.note))
        data = (self.above + text.getvalue()).encode(self.encoding)
        return gzip.compress(data, mtime=0) if self.packed else data


TAOBAO_WORDS = {
    "paid": "买家已付款，等待卖家发货",
    "shipped": "卖家已发货，等待买家确认",
    "completed": "交易成功",
    "cancelled": "交易关闭",
    "pending": "等待买家付款",
}
DIALECTS = {
    "comma, UTF-8, ISO": Dialect(date.isoformat, str),
    "semicolon, BOM, German figures, CRLF": Dialect(
        lambda day: f"{day:%d.%m.%Y}",
        lambda amount: grouped(amount, ".", ","),
        delimiter=";",
        encoding="utf-8-sig",
        note="für Jürgen",
        line_end="\r\n",
    ),
    "tab, UTF-16, American": Dialect(
        lambda day: f"{day:%m/%d/%Y}", lambda amount: f"${amount:,.2f}", delimiter="\t", encoding="utf-16", note="naïve"
    ),
    "pipe, GB18030, Taobao's headers": Dialect(
        lambda day: f"{day.year}/{day.month}/{day.day} 22:02",
        lambda amount: f"{amount}元",
        delimiter="|",
        encoding="gb18030",
        headers=("订单编号", "买家会员名", "订单创建时间", "买家实际支付金额", "订单状态", "收货地址 "),
        words=TAOBAO_WORDS,
        note="浙江省杭州市",
    ),
    "single quotes, cp1252 as told, German months": Dialect(
        lambda day: f"{day.day}-{GERMAN[day.month - 1]}-{day:%y}",
        lambda amount: f"{grouped(amount, ' ', ',')} €",
        delimiter=";",
        encoding="cp1252",
        note="Größe 7; 'blau'",
        quote="'",
        quote_all=True,
        columns={"encoding": "cp1252"},
    ),
    "CR line ends, gzip, all quoted, no signs in the dates": Dialect(
        lambda day: f"{day:%Y%m%d}",
        lambda amount: f"USD {amount}",
        quote_all=True,
        line_end="\r",
        note='say "hi", please',
        packed=True,
    ),
    "caret, UTF-16 without BOM, stamps with offsets": Dialect(
        lambda day: f"{day}T23:59:59{'+02:00' if 4 <= day.month <= 9 else '+01:00'}",
        lambda amount: f"{amount}0",
        delimiter="^",
        encoding="utf-16-le",
        headers=("ORDER NUMBER", "Customer ID", "Order date", " Order Total", "Order Status", "memo"),
        words={"paid": "PAID", "cancelled": "Voided", "pending": "on-hold", "refunded": "Fully refunded"},
    ),
    "UTF-32, months' names, Swiss figures": Dialect(
        lambda day: f"{day:%b} {day.day}, {day.year}",
        lambda amount: grouped(amount, "’", "."),
        encoding="utf-32",
        note="two\nlines",
    ),
    "a title above, 年月日, Arabic digits": Dialect(
        lambda day: f"{day.year}年{day.month}月{day.day}日",
        lambda amount: arabic(str(amount)),
        delimiter=";",
        above="Orders of the shop\nfrom January 2024\n\n",
        note="؟",
    ),
    "Excel's day numbers, guarded cells": Dialect(
        lambda day: str((day - date(1899, 12, 30)).days), lambda amount: f'="{amount}"', note="'0012"
    ),
    "seconds since 1970": Dialect(lambda day: str((day - date(1970, 1, 1)).days * 86_400 + 3600), str, delimiter="\t"),
}


def facts(folder: Path, dialect: Dialect) -> str:
    """The facts of the report on the orders, as they stand in its JSON."""
    path = folder / "orders.csv"
    path.write_bytes(dialect.written())
    request = Request(
        [File(str(path), path.name)], ReadSettings(today=date(2026, 1, 1)), columns={"orders": dialect.columns}
    )
    return json.dumps(json.loads(render(review(request), exit_code=0))["facts"], indent=1)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> str:
    return facts(tmp_path_factory.mktemp("plain"), DIALECTS["comma, UTF-8, ISO"])


def test_the_plain_ones_are_those_that_were_made(plain: str) -> None:
    kept = [order for order in ORDERS if order.status in KEPT]
    totals = json.loads(plain, parse_float=Decimal)["totals"]
    customers = {order.customer for order in kept}
    days = {customer: {order.day for order in kept if order.customer == customer} for customer in customers}
    assert totals["orders"] == totals["orders_with_customer"] == len(kept) == 54
    assert totals["revenue"] == sum(order.amount for order in kept)
    assert totals["refunds"] == sum(order.amount for order in kept if order.status == "refunded")
    assert totals["customers"] == len(customers)
    assert totals["repeat_customers"] == sum(len(own) > 1 for own in days.values())
    assert (totals["first_day"], totals["last_day"]) == (
        str(min(order.day for order in kept)),
        str(max(order.day for order in kept)),
    )


def test_the_facts_hold_what_the_checks_are_made_of(plain: str) -> None:
    assert {name: bool(rows) for name, rows in json.loads(plain).items()} == dict.fromkeys(
        ("totals", "months", "days", "years", "second_order", "cohorts"), True
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_same_orders_give_the_same_facts(tmp_path: Path, plain: str, dialect: str) -> None:
    assert facts(tmp_path, DIALECTS[dialect]) == plain
