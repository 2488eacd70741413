"""Damaged files by the thousand: the reading room answers each with figures or with a UserError, and nothing else.

    python tests/fuzz.py --inputs 50000 [--seed N] [--processes 2] [--out FOLDER]
    python tests/fuzz.py --case 1234 [--seed N]          one input again, with its traceback

Three kinds of inputs, each made from the seed and its number alone:

- noise: random bytes, and random text that looks like CSV, as orders, staffing and cash files;
- damage: good files and the vendors' fixtures with flipped bytes, lost, doubled and swapped lines, strewn quotes,
  separators, NULs and BOMs, cut short, or re-encoded. Where only rows of one file of orders are damaged, the other
  rows must still be read as they are, or be counted as set aside: no more rows may change than were damaged;
- harmless: changes that leave a file good (the order of rows, line ends, quotes around all cells, a BOM, UTF-16,
  gzip, unknown columns, blank lines). It must be read, with the totals of plain Python (csv and Decimal) over the file
  before the change; for a vendor's fixture, with the figures of the fixture itself.

Every input is read with max_rejected=1, and with the default if any row was rejected. Failing inputs are written to the
folder, with the reason beside each; crashes also as small as they could be made.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import os
import random
import re
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from merchant_check.errors import UserError
from merchant_check.facts import MINOR, month_number
from merchant_check.read.account import Account, ReadSettings
from merchant_check.read.files import File, open_files
from merchant_check.read.formats import formats
from merchant_check.read.held import Space
from merchant_check.read.order_rows import fingerprint
from merchant_check.read.orders import read_orders
from merchant_check.read.roster import read_roster
from merchant_check.read.scratch import Scratch
from merchant_check.read.sheet import read_sheet
from merchant_check.read.statement import read_statement
from merchant_check.report import Input

MEMORY = 1 << 30
SCRATCH = Scratch()
TODAY = date(2026, 1, 1)
AS_OF = date(2025, 12, 31)
PATIENCE = (1.0, 0.01)
SLOW = 20.0  # seconds; the files are of a few kilobytes
EXPORTS = Path(__file__).parent / "exports"
AT_ONCE = 100  # inputs that a process takes at a time
EXAMPLES = 10  # inputs kept of each kind of failure
MINIMISING = 60.0  # seconds spent on making a failing input small

NO_ORDERS = ("cancelled", "unpaid")  # reasons to leave out rows that are not among the intact
SUMS = ("orders", "revenue", "refunds")

Totals = dict[str, Decimal]
Order = tuple[str, date, int, int, int]  # customer, day, and the SUMS
Rows = Counter[Order]
Columns = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Case:
    """One input. `expected`: what it must give; `intact`: the orders whose rows are not damaged, of which one may be
    missing for each row set aside, and to which `damaged` more may have been added."""

    kind: str
    data: bytes
    role: str | None
    columns: Columns = field(default_factory=dict)
    expected: Totals | None = None
    like: str | None = None
    intact: Rows | None = None
    damaged: int = 0

    @property
    def short(self) -> str:
        """What is made of it, without the details."""
        return f"{re.split(':| to ', self.kind)[0]} {self.role or 'role by headers'}"


@dataclass(frozen=True)
class Failure:
    """What went wrong; equal signatures are taken to be one defect."""

    signature: str
    told: str


# ---- reading as the tool does


@dataclass(frozen=True)
class Read:
    """What came of a file: sums by name; each order or refund; and how its rows were accounted for."""

    totals: Totals
    rows: Rows
    inputs: tuple[Input, ...]


@cache
def names() -> dict[int, str]:
    """The customers that are made up here, by their fingerprints."""
    invented = pl.DataFrame({"name": [f"c{number}" for number in range(1000)]})
    return dict(invented.select(fingerprint(pl.col("name")).alias("key"), "name").iter_rows())


def read(path: str, role: str | None, columns: Columns, patience: float) -> Read:
    """Read a file in the role it has or shows."""
    settings = ReadSettings(today=TODAY, max_rejected=patience)
    served = open_files([File(path, "input.csv", role)], columns, SCRATCH)
    orders = [each for each in served if each[1].role == "orders"]
    if orders:
        found = read_orders(orders, settings, Space(SCRATCH, MEMORY))
        read = found.scan().collect()
        sums = read.select(pl.col("orders").cast(pl.Int64), "revenue", "refund").sum().row(0)
        totals = dict(zip(SUMS, map(Decimal, sums), strict=True))
        told = read.select("customer", "day", "orders", "revenue", "refund").iter_rows()
        rows = Counter((names().get(key), *figures) for key, *figures in told)
        return Read(totals, rows, found.inputs)
    totals = {}
    inputs: list[Input] = []
    for table, layout in served:
        account = Account(table, layout)
        if layout.shape == "roster":
            roster = read_roster(account, settings, AS_OF)
            totals["stints"] = Decimal(len(roster.stints))
            totals["starts"] = Decimal(sum(stint.start.toordinal() for stint in roster.stints))
            totals["ends"] = Decimal(sum(stint.end.toordinal() for stint in roster.stints if stint.end))
            inputs += roster.inputs
        else:
            reader = read_statement if layout.shape.startswith("bank statement") else read_sheet
            sheet = reader(account, settings, AS_OF, month_number(AS_OF))
            for month, figures in sheet.months.items():
                for name, value in figures.items():
                    totals[f"{name} {month}"] = Decimal(value)
            inputs += sheet.inputs
    return Read(totals, Counter(), tuple(inputs))


def failure(case: Case, path: Path) -> Failure | None:
    """Read an input, and again with less patience if that may matter; returns the first thing that is wrong."""
    path.write_bytes(case.data)
    for patience in PATIENCE:
        began = time.monotonic()
        rejected = False
        try:
            found = read(str(path), case.role, case.columns, patience)
            rejected = any(source.rejected for source in found.inputs)
            wrong = _wrong(case, found)
        except UserError as error:
            wrong = _wrongly_refused(case, error)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a panic in polars is no Exception
            wrong = _crash(error)
        if wrong is None and time.monotonic() - began > SLOW:
            wrong = Failure("slow", f"took {time.monotonic() - began:.0f} s")
        if wrong:
            return replace(wrong, told=f"max_rejected={patience}: {wrong.told}")
        if not rejected:
            return None
    return None


def _crash(error: BaseException) -> Failure:
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "merchant_check" in frame.filename]
    last = f"{Path(ours[-1].filename).name}:{ours[-1].name}" if ours else "?"
    what = re.sub(r"[0-9]+|'[^']*'|`[^`]*`|\"[^\"]*\"", "_", str(error).splitlines()[0][:60] if str(error) else "")
    return Failure(f"crash {type(error).__name__} in {last}: {what}", "".join(traceback.format_exception(error)))


def _wrongly_refused(case: Case, error: UserError) -> Failure | None:
    if not str(error).isprintable():
        return Failure(f"message {error.code}", f"the message is not one clean line: {str(error)!r}")
    if case.expected is not None or case.like:
        return Failure(f"refused {case.short} {error.code}", f"a good file is refused: {error}")
    return None


def _wrong(case: Case, found: Read) -> Failure | None:
    """What is wrong about figures: of a good file the totals, of any file the account of its rows."""
    expected = _of_fixture(case.like).totals if case.like else case.expected
    if expected is not None and found.totals != expected:
        return Failure(f"wrong totals {case.short}", f"expected {expected}, found {found.totals}")
    for source in found.inputs:
        aside = sum(item.rows for item in (*source.rejected, *source.left_out))
        if source.rows_read != source.rows_used + aside or not 0 <= source.rows_used <= source.rows_read:
            return Failure("wrong account", f"read {source.rows_read}, used {source.rows_used}, aside {aside}")
        if not all(note.isprintable() for note in source.notes):
            return Failure("note", f"a note is not one clean line: {source.notes!r}")
    if case.intact is not None:
        lost = (*found.inputs[0].rejected, *found.inputs[0].left_out)
        aside = sum(item.rows for item in lost if item.reason not in NO_ORDERS)
        missing, added = case.intact - found.rows, found.rows - case.intact
        if missing.total() > aside or added.total() > case.damaged:
            told = f"{case.damaged} damaged rows, {aside} set aside, missing {missing}, added {added}"
            return Failure(f"silently wrong {case.kind}", told)
    return None


# ---- good files, and what plain Python finds in them


@dataclass(frozen=True)
class Good:
    """A good file: its rows, the first of them the header; how it is written; and whether its rows may be shuffled."""

    role: str
    rows: list[list[str]]
    delimiter: str
    totals: Totals
    free_order: bool = True
    intact: dict[int, Order] = field(default_factory=dict)


def written(good: Good, *, quoting: Any = csv.QUOTE_MINIMAL, line_end: str = "\n") -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=good.delimiter, quoting=quoting, lineterminator=line_end)
    writer.writerows(good.rows)
    return text.getvalue()


DATES: dict[str, Callable[[date], str]] = {
    "ISO": date.isoformat,
    "stamp": lambda day: f"{day} 14:05:09",
    "DD.MM.YYYY": lambda day: f"{day:%d.%m.%Y}",
    "MM/DD/YYYY": lambda day: f"{day:%m/%d/%Y}",
    "D/M/YYYY": lambda day: f"{day.day}/{day.month}/{day.year}",
    "YYYYMMDD": lambda day: f"{day:%Y%m%d}",
    "DD-MON-YY": lambda day: f"{day:%d-%b-%y}",
    "年": lambda day: f"{day.year}年{day.month}月{day.day}日",
}
AMOUNTS: dict[str, Callable[[Decimal], str]] = {
    "plain": lambda amount: f"{amount:.2f}",
    "dollars": lambda amount: f"{'-' if amount < 0 else ''}${abs(amount):,.2f}",
    "german": lambda amount: f"{amount:,.2f}".translate(str.maketrans(",.", ".,")),
    "euros": lambda amount: f"{amount:.2f}".replace(".", ",") + " €",
    "brackets": lambda amount: f"({abs(amount):,.2f})" if amount < 0 else f"{amount:,.2f}",
}
STATUSES = ("paid", "Paid", "shipped", "completed", "cancelled", "VOIDED", "pending", "refunded", "")
NOTES = ["", "gift", 'say "hi"', "a, b; c", "two\nlines", "tab\there", "it's", "O'Neil", '12" pan', "žluť", "礼物", "-"]


def good_orders(rng: random.Random) -> Good:
    """Orders, one a row, and what csv and Decimal make of them."""
    size = rng.randint(4, 25)
    day_of, amount_of = rng.choice(list(DATES.values())), rng.choice(list(AMOUNTS.values()))
    extras = [name for name in ("refund", "status", "note") if rng.random() < 0.5]
    names = ["order_id", "customer_id", "ordered_at", "amount", *extras]
    days = [date(2024, 1, 1) + timedelta(rng.randrange(700)) for _ in range(size - 2)]
    days += [date(2024, 3, 25), date(2025, 6, 17)]  # days above 12 settle what is day and what is month
    made: list[list[str]] = []
    intact: dict[int, Order] = {}
    for number, day in enumerate(days, 1):
        amount = Decimal(rng.randint(1, 300_000) if rng.random() < 0.9 else rng.randint(-9_000, -1)) / 100
        refund = Decimal(rng.randint(1, 100)) / 100 if rng.random() < 0.2 and amount > 1 else Decimal(0)
        status = rng.choice(STATUSES)
        if number == 1:  # one order at least
            amount, status = abs(amount), "paid"
        cells = {
            "order_id": f"A{1000 + number}",
            "customer_id": f"c{number}",
            "ordered_at": day_of(day),
            "amount": amount_of(amount),
            "refund": amount_of(refund) if refund else rng.choice(("", amount_of(refund))),
            "status": status,
            "note": rng.choice(NOTES),
        }
        made.append([cells[name] for name in names])
        back = refund if "refund" in extras else Decimal(0)
        word = status.lower() if "status" in extras else ""
        if word == "refunded" and not back and amount > 0:
            back = amount
        if word in ("cancelled", "voided", "pending"):
            continue
        intact[number] = (f"c{number}", day, *_order(amount, back))
    last = max((row[1] for row in intact.values() if row[2]), default=AS_OF)
    intact = {at: row for at, row in intact.items() if row[1] <= last}  # a refund after the last order is not yet due
    counts = [row[2:] for row in intact.values()]
    sums = {name: Decimal(sum(row[at] for row in counts)) for at, name in enumerate(SUMS)}
    if rng.random() < 0.3:
        names = [rng.choice((name.upper(), name.replace("_", " ").title(), f" {name}")) for name in names]
    return Good("orders", [names, *made], rng.choice(",;\t|"), sums, intact=intact)


def _order(amount: Decimal, back: Decimal) -> tuple[int, int, int]:
    """Orders, revenue and refund of a row, in ten-thousandths: a negative amount is a refund."""
    if amount < 0:
        return 0, 0, int((back - amount) * MINOR)
    return 1, int(amount * MINOR), int(back * MINOR)


def good_items(rng: random.Random) -> Good:
    """Line items: an order's amount is the sum of quantity times price."""
    day_of = rng.choice(list(DATES.values()))
    made: list[list[str]] = []
    revenue = Decimal(0)
    orders = rng.randint(3, 10)
    for number in range(1, orders + 1):
        day = date(2025, 1, 15) + timedelta(7 * number)
        for line in range(rng.randint(1, 3)):
            quantity, price = rng.randint(1, 12), Decimal(rng.randint(1, 9999)) / 100
            revenue += quantity * price
            made.append([f"I{number}", f"S{number}{line}", str(quantity), f"{price}", f"u{number % 4}", day_of(day)])
    names = ["Invoice", "StockCode", "Quantity", "UnitPrice", "Customer ID", "InvoiceDate"]
    totals = {"orders": Decimal(orders), "revenue": revenue * MINOR, "refunds": Decimal(0)}
    return Good("orders", [names, *made], rng.choice(",;\t|"), totals)


def good_staff(rng: random.Random) -> Good:
    months = rng.randint(3, 12)
    made, totals = [], dict[str, Decimal]()
    for month in range(1, months + 1):
        people, payroll = rng.randint(1, 40), Decimal(rng.randint(100_000, 9_000_000)) / 100
        made.append([f"2025-{month:02}", str(people), f"{payroll:.2f}"])
        number = month_number(date(2025, month, 1))
        totals |= {f"headcount {number}": Decimal(people), f"payroll {number}": payroll * MINOR}
    return Good("staffing", [["month", "headcount", "payroll"], *made], rng.choice(",;\t"), totals)


def good_roster(rng: random.Random) -> Good:
    day_of = rng.choice(list(DATES.values()))
    made, starts, ends = [], 0, 0
    for number in range(rng.randint(3, 20)):
        start = date(2020, 5, 21) + timedelta(rng.randrange(1500) if number else 0)
        end = start + timedelta(rng.randint(30, 300)) if number and rng.random() < 0.4 else None
        end = date(2021, 4, 28) if number == 0 else end  # a day above 12 in either column
        starts, ends = starts + start.toordinal(), ends + (end.toordinal() if end else 0)
        made.append([f"E{number}", day_of(start), day_of(end) if end else "", rng.choice(("Riga", "Oslo", ""))])
    totals = {"stints": Decimal(len(made)), "starts": Decimal(starts), "ends": Decimal(ends)}
    return Good("staffing", [["employee id", "hire date", "termination date", "city"], *made], ",", totals)


def good_statement(rng: random.Random) -> Good:
    """Bookings from the oldest to the newest or the other way, so their order matters."""
    day_of, amount_of = rng.choice(list(DATES.values())), rng.choice(list(AMOUNTS.values()))
    day, balance = date(2025, 1, 13), Decimal(rng.randint(1, 10**6)) / 100
    made, ends = [], dict[int, Decimal]()
    last = date(2025, rng.randint(3, 12), 28)  # what ends longer before its month does has no balance for it
    while day <= last:
        amount = Decimal(rng.randint(-50_000, 60_000)) / 100
        balance += amount
        made.append([day_of(day), "transfer", amount_of(amount), amount_of(balance)])
        ends[month_number(day)] = balance
        day = last if day < last < day + timedelta(14) else day + timedelta(rng.randint(1, 13))
    if rng.random() < 0.5:
        made.reverse()
    totals = {f"cash_balance {month}": end * MINOR for month, end in ends.items()}
    names = ["Booking date", "Description", "Amount", "Balance"]
    return Good("cash", [names, *made], rng.choice(",;\t"), totals, free_order=False)


def good_cash(rng: random.Random) -> Good:
    made, totals = [], dict[str, Decimal]()
    for month in range(1, rng.randint(3, 12) + 1):
        cash, spent = (Decimal(rng.randint(100, 9_000_000)) / 100 for _ in range(2))
        made.append([f"2025-{month:02}", f"{cash:.2f}", f"{spent:.2f}"])
        number = month_number(date(2025, month, 1))
        totals |= {f"cash_balance {number}": cash * MINOR, f"marketing {number}": spent * MINOR}
    return Good("cash", [["month", "cash balance", "marketing"], *made], rng.choice(",;\t"), totals)


MAKERS = (good_orders, good_orders, good_orders, good_items, good_staff, good_roster, good_statement, good_cash)


@cache
def fixtures() -> dict[str, tuple[Path, str, Columns]]:
    """The vendors' fixtures: file, role and options."""
    found = {}
    for path in sorted(EXPORTS.glob("*/expected.yaml")):
        wanted = yaml.safe_load(path.read_text("utf-8"))
        data = next(each for each in sorted(path.parent.iterdir()) if each.name != path.name)
        options = {key: str(value) for key, value in wanted.get("options", {}).items()}
        found[path.parent.name] = (data, wanted["role"], {wanted["role"]: options} if options else {})
    return found


@cache
def _of_fixture(slug: str | None) -> Read:
    path, role, columns = fixtures()[slug or ""]
    return read(str(path), role, columns, PATIENCE[0])


# ---- noise


_HEADERS = (
    "order_id|order id|date|amount|customer_id|email|status|refund|currency|month|headcount|cash_balance|"
    "balance|start|end|name|quantity|unit price|sku|description|订单编号|交易日期|余额|Name|Created at|Total|"
    "Subtotal|Net Income|Jan 2025"
)
HEADERS = _HEADERS.split("|")
_CELLS = (
    "|1|2|A7|0|-1|1.23E+17|inf|nan|1e5|1e999|0x10|٣|１２|½|²|2025-01-15|2025-02-30|0001-01-01|9999-12-31|"
    "15/01/2025|01/15/2025|2025-W03-2|2025-015|0000-000|45000|1736899200|1736899200000|99999999999999999|"
    '2025年1月15日|15 Jan 25|2025-00|10.50|1,234.50|1.234,50|$8|(5)|5-|-|--|€|USD|="1"|\'1|total|合计|+|12%|'
    "2025-01-15T10:00:00+09:00|2025-01-15 25:61|2025-03|Q1|paid|void|refunded|\u202e|é|--5|1-2-3|12/2025|"
    "00/00/0000|31.12.2025|31-Dez-25|(|)|1'234|1 234,5|１/２/２０２５|\u00a0"
)
CELLS = [*_CELLS.split("|"), "9" * 30, "x" * 300]
MARKS = [*",;\t|\"'\n\r\0\ufeff\u2028\x1f ^:\\\x85", "\r\n"]
STREWN = [*MARKS, '""', '",', ',"', '="', "\n\n", "\r\r\n", ",,,", "\x1b[2J", "😀"]
STRANGE_LINES = (b"\n", b"total,,,5\n", b"see notes\n", b",,,,,\n", b'"\n', b"x" * 2000 + b"\n")
ENCODINGS = [
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "gb18030",
    "cp1252",
    "shift_jis",
    "latin-1",
]
TOLD = [
    "latin-1",
    "cp1252",
    "utf-8",
    "utf-16",
    "gb18030",
    "shift_jis",
    "utf-7",
    "punycode",
    "idna",
    "cp037",
    "rot13",
    "hex",
]


def random_bytes(rng: random.Random) -> Case:
    start = rng.choice(
        (b"", b"", b"PAR1", b"\x1f\x8b\x08\x00", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"order_id,")
    )
    data = start + rng.randbytes(int(10 ** rng.uniform(0, 3.5)))
    return Case("random bytes", data, _any_role(rng), _any_columns(rng))


def random_text(rng: random.Random) -> Case:
    """Cells, marks and header names at random, most of them in rows."""
    delimiter, line_end = rng.choice(",;\t|"), rng.choice(("\n", "\r\n", "\r"))
    headers = list(_own_headers(rng)) if rng.random() < 0.7 else rng.choices(HEADERS, k=rng.randint(1, 8))
    rng.shuffle(headers)
    lines = [delimiter.join(headers)]
    odd = rng.choice((0.0, 0.0, 0.05, 0.3))
    pool = rng.sample(CELLS, rng.randint(3, 25))
    for _ in range(rng.randint(0, 12)):
        width = len(headers) if rng.random() > odd else rng.randint(0, 9)
        cells = [rng.choice(pool) + (rng.choice(MARKS) if rng.random() < odd else "") for _ in range(width)]
        lines.append(delimiter.join(cells))
    lines[:0] = [rng.choice(CELLS) for _ in range(rng.choice((0, 0, 0, 1, 3)))]
    text = line_end.join(lines) + rng.choice(("", line_end))
    encoding = rng.choice(ENCODINGS) if rng.random() < 0.2 else "utf-8"
    return Case("random text", text.encode(encoding, "replace"), _any_role(rng), _any_columns(rng))


def _own_headers(rng: random.Random) -> Sequence[str]:
    """The names that some role or known export needs."""
    if rng.random() < 0.5:
        export = rng.choice(list(formats()["exports"].values()))
        fields = [
            name for each in export.get("fields", {}).values() for name in ([each] if isinstance(each, str) else each)
        ]
        return list(dict.fromkeys([*export["signs"], *fields, *export.get("states", {})]))
    role = formats()[rng.choice(("orders", "staffing", "cash"))]
    needed = rng.choice(list(role["shapes"].values()))
    others = rng.sample(list(role["fields"]), rng.randint(0, 4))
    return [rng.choice(role["fields"][name] or ["x"]) for name in dict.fromkeys([*needed, *others])]


def _any_role(rng: random.Random) -> str | None:
    return rng.choice((None, None, None, "orders", "orders", "staffing", "cash"))


def _any_columns(rng: random.Random) -> Columns:
    """Now and then something that the user says about reading."""
    role = rng.choice(("orders", "staffing", "cash"))
    said = {
        "encoding": rng.choice(TOLD),
        "delimiter": rng.choice(",;\t|^: x"),
        "date_format": rng.choice(("DD/MM/YYYY", "MM/DD/YYYY", "YYYY-DDD", "excel-serial", "epoch-ms", "DD-MON-YY")),
        "decimal_mark": rng.choice(("point", "comma")),
        "rows": rng.choice(("one-per-order", "total-repeated", "line-amounts")),
        "opening_balance": "100.5",
        "financing_match": "loan|x",
    }
    keys = rng.sample(sorted(said), rng.choice((0, 0, 0, 1, 2)))
    return {role: {key: said[key] for key in keys if _fits(key, role)}} if keys else {}


def _fits(key: str, role: str) -> bool:
    return {"rows": "orders", "opening_balance": "cash", "financing_match": "cash"}.get(key, role) == role


# ---- damage


Damage = Callable[[random.Random, bytes], bytes]


def _flipped(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _strewn(rng: random.Random, data: bytes) -> bytes:
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(data) + 1)
        mark = rng.choice(STREWN).encode()
        data = data[:at] + mark + data[at:]
    return data


def _lines_changed(rng: random.Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    for _ in range(rng.choice((1, 1, 2, 4))):
        at, other = (rng.randrange(len(lines) + 1) for _ in range(2))
        match rng.randrange(4):
            case 0:
                del lines[at : at + 1]
            case 1:
                lines[at:at] = lines[other : other + 1]
            case 2 if max(at, other) < len(lines):
                lines[at], lines[other] = lines[other], lines[at]
            case _:
                lines.insert(at, rng.choice(STRANGE_LINES))
    return b"".join(lines)


def _cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)] if rng.random() < 0.7 else data[rng.randrange(len(data) + 1) :]


def _recoded(rng: random.Random, data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(rng.choice(ENCODINGS), "replace").decode("latin-1").encode(rng.choice(("latin-1", "utf-8")))


def _cells_changed(rng: random.Random, data: bytes) -> bytes:
    """Cells replaced by odd ones, headers among them."""
    text = data.decode("utf-8", "replace")
    delimiter = max(",;\t|", key=text.count)
    lines = text.split("\n")
    for _ in range(rng.choice((1, 2, 5, 30))):
        at = rng.randrange(len(lines))
        cells = lines[at].split(delimiter)
        cells[rng.randrange(len(cells))] = rng.choice(CELLS)
        lines[at] = delimiter.join(cells)
    return "\n".join(lines).encode()


def _packed(rng: random.Random, data: bytes) -> bytes:
    packed = gzip.compress(data, mtime=0)
    return rng.choice((_flipped, _cut, _strewn))(rng, packed)


DAMAGES: tuple[Damage, ...] = (
    *(_flipped, _flipped, _strewn, _strewn, _lines_changed, _lines_changed),
    *(_cut, _recoded, _cells_changed, _cells_changed, _packed),
)


def damaged(rng: random.Random) -> Case:
    columns: Columns = {}
    if rng.random() < 0.4:
        path, role, columns = fixtures()[rng.choice(sorted(fixtures()))]
        data = path.read_bytes()
    else:
        good = rng.choice(MAKERS)(rng)
        role, data = good.role, written(good, quoting=rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))).encode()
    names = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        how = rng.choice(DAMAGES)
        names.append(how.__name__.strip("_"))
        data = how(rng, data)
    said = columns if rng.random() < 0.8 else {**columns, **_any_columns(rng)}
    return Case("damaged: " + " ".join(names), data, rng.choice((None, role)), said)


def rows_damaged(rng: random.Random) -> Case:
    """Orders of which one or two rows are damaged: the others must come through, or be counted."""
    good = good_orders(rng)
    good = replace(good, rows=[[cell.replace("\n", " ") for cell in row] for row in good.rows])
    lines = written(good, quoting=rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))).removesuffix("\n").split("\n")
    broken = rng.sample(range(1, len(lines)), rng.choice((1, 1, 2)))
    for at in broken:
        line, where = lines[at], rng.randrange(len(lines[at]) + 1)
        lines[at] = rng.choice(
            (
                line[:where]
                + rng.choice(('"', '"', good.delimiter, "'", "\\", '""', f'{good.delimiter}"'))
                + line[where:],
                line[:where],
                line[where:],
                line.replace(good.delimiter, "", 1),
                line + good.delimiter,
                line[:where] + chr(rng.randrange(33, 126)) + line[where + 1 :],
            )
        )
    intact = Counter(row for at, row in good.intact.items() if at not in broken)
    return Case(
        "rows damaged", "\n".join(lines).encode(), rng.choice((None, "orders")), intact=intact, damaged=2 * len(broken)
    )


# ---- harmless changes


def harmless(rng: random.Random) -> Case:
    good = rng.choice(MAKERS)(rng)
    names = []
    if good.free_order and rng.random() < 0.4:
        names.append("shuffled")
        good = replace(good, rows=[good.rows[0], *rng.sample(good.rows[1:], len(good.rows) - 1)])
    elif rng.random() < 0.3 and not good.free_order:
        names.append("reversed")
        good = replace(good, rows=[good.rows[0], *reversed(good.rows[1:])])
    if rng.random() < 0.3:
        names.append("unknown columns")
        at = rng.randrange(len(good.rows[0]) + 1)
        more = [rng.choice(("zz1", "Ware house", "bin")), *(rng.choice(("", "x", "7", "a b")) for _ in good.rows[1:])]
        good = replace(good, rows=[[*row[:at], cell, *row[at:]] for row, cell in zip(good.rows, more, strict=True)])
    quoting: Any = csv.QUOTE_MINIMAL
    if rng.random() < 0.3:
        names.append("quoted")
        quoting = csv.QUOTE_ALL
    line_end = rng.choice(("\n", "\n", "\r\n", "\r"))
    multiline = any("\n" in cell for row in good.rows for cell in row)
    line_end = "\n" if line_end == "\r" and multiline else line_end
    names.append(f"{line_end!r}")
    text = written(good, quoting=quoting, line_end=line_end)
    if rng.random() < 0.3 and not multiline:
        names.append("blank lines")
        lines = text.split(line_end)
        for _ in range(rng.randint(1, 4)):
            lines.insert(rng.randrange(len(lines)), rng.choice(("", " ", good.delimiter * (len(good.rows[0]) - 1))))
        text = line_end.join(lines)
    if rng.random() < 0.2:
        names.append("no last line end")
        text = text.removesuffix(line_end)
    encoding = rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16"))
    names.append(encoding)
    data = text.encode(encoding)
    if rng.random() < 0.1:
        names.append("gzip")
        data = gzip.compress(data, mtime=0)
    return Case("harmless: " + ", ".join(names), data, rng.choice((None, good.role)), expected=good.totals)


def harmless_to_fixture(rng: random.Random) -> Case:
    slug = rng.choice(sorted(fixtures()))
    path, role, columns = fixtures()[slug]
    data, name = path.read_bytes(), "gzip"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Case(f"harmless to {slug}: gzip", gzip.compress(data, mtime=0), role, columns, like=slug)
    plain = text.replace("\r\n", "\n")
    changes: dict[str, bytes] = {
        "gzip": gzip.compress(data, mtime=0),
        "BOM": text.encode("utf-8-sig"),
        "UTF-16": text.encode("utf-16"),
        "CRLF": plain.replace("\n", "\r\n").encode(),
        "blank lines below": data + b"\n\n",
        "no last line end": text.rstrip("\r\n").encode(),
    }
    name = rng.choice(sorted(changes))
    return Case(f"harmless to {slug}: {name}", changes[name], role, columns, like=slug)


KINDS: tuple[tuple[int, Callable[[random.Random], Case]], ...] = (
    (6, random_bytes),
    (22, random_text),
    (40, damaged),
    (12, rows_damaged),
    (17, harmless),
    (3, harmless_to_fixture),
)


def case_of(seed: int, number: int) -> Case:
    rng = random.Random(f"{seed} {number}")
    makers = [maker for _, maker in KINDS]
    return rng.choices(makers, [weight for weight, _ in KINDS])[0](rng)


# ---- running


def failures(seed: int, numbers: Sequence[int], folder: Path) -> tuple[Counter[str], list[tuple[int, Case, Failure]]]:
    """Read the inputs of these numbers: how many there were of each kind, and those that fail."""
    path, kinds, failed = folder / f"input-{os.getpid()}.csv", Counter[str](), []
    for number in numbers:
        (folder / f"running-{os.getpid()}").write_text(f"{number}\n")
        case = case_of(seed, number)
        kinds[re.split(":| to ", case.kind)[0]] += 1
        if found := failure(case, path):
            failed.append((number, case, found))
    return kinds, failed


def smallest(case: Case, signature: str, folder: Path) -> bytes:
    """A small input that fails in the same way: pieces are left out as long as it does."""
    path, data = folder / "smaller.csv", case.data
    until = time.monotonic() + MINIMISING
    size = max(1, len(data) // 2)
    while size and time.monotonic() < until:
        at, before = 0, len(data)
        while at < len(data) and time.monotonic() < until:
            shorter = data[:at] + data[at + size :]
            found = failure(replace(case, data=shorter), path)
            if found and found.signature == signature:
                data = shorter
            else:
                at += size
        size = size if len(data) < before and size == 1 else size // 2
    return data


def keep(out: Path, number: int, case: Case, found: Failure, small: bytes | None) -> None:
    """Write a failing input, and beside it what happened."""
    slug = re.sub(r"[^A-Za-z0-9]+", "-", found.signature)[:80].strip("-")
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{slug}.{number}.input").write_bytes(case.data)
    told = f"case {number}: {case.kind}, role {case.role}, columns {case.columns}\n{found.signature}\n\n{found.told}\n"
    (out / f"{slug}.{number}.txt").write_text(
        told + (f"\nas small as could be: {small!r}\n" if small is not None else "")
    )


def run(inputs: int, seed: int, processes: int, out: Path, first: int = 0) -> int:
    """Run so many inputs; returns how many failed."""
    os.environ.setdefault("POLARS_MAX_THREADS", "1")  # for the processes to come
    folder, seen, kinds, began = Path(tempfile.mkdtemp()), Counter[str](), Counter[str](), time.monotonic()
    shares = [range(start, min(start + AT_ONCE, first + inputs)) for start in range(first, first + inputs, AT_ONCE)]
    try:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            for done in as_completed([pool.submit(failures, seed, share, folder) for share in shares]):
                found_kinds, found_failures = done.result()
                kinds += found_kinds
                for number, case, found in found_failures:
                    seen[found.signature] += 1
                    if seen[found.signature] <= EXAMPLES:
                        crash = found.signature.startswith("crash") and seen[found.signature] == 1
                        keep(out, number, case, found, smallest(case, found.signature, folder) if crash else None)
                        print(f"case {number}: {found.signature}", flush=True)
    except BrokenProcessPool:
        running = ", ".join(path.read_text().strip() for path in folder.glob("running-*"))
        print(f"a process died while it read one of the inputs {running}")
        seen["a process died"] += 1
    finally:
        shutil.rmtree(folder)
    print(f"{kinds.total()} inputs of seed {seed} in {time.monotonic() - began:.0f} s, {seen.total()} failed")
    for kind, count in sorted(kinds.items()):
        print(f"  {count:>7} {kind}")
    for signature, count in seen.most_common():
        print(f"  failed {count:>7} {signature}")
    return seen.total()


def one(seed: int, number: int) -> int:
    case = case_of(seed, number)
    with tempfile.TemporaryDirectory() as folder:
        found = failure(case, Path(folder) / "input.csv")
    print(f"{case.kind}, role {case.role}, columns {case.columns}\n{case.data!r}\n")
    print(f"{found.signature}\n{found.told}" if found else "good")
    return int(found is not None)


def main() -> int:
    parser = argparse.ArgumentParser(description="Damaged files by the thousand, for the reading room.")
    parser.add_argument("--inputs", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "merchant-check-fuzz")
    parser.add_argument("--case", type=int, help="run only the input of this number, and show it")
    told = parser.parse_args()
    if told.case is not None:
        return one(told.seed, told.case)
    return int(run(told.inputs, told.seed, told.processes, told.out, told.first) > 0)


if __name__ == "__main__":
    sys.exit(main())
