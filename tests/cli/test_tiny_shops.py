"""Shops with hardly anything to judge get a sensible report: no crash, and no alarm on thin evidence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from .running import Call, Json, days, findings, usual_orders, write_orders

LONG, AUTUMN, OCTOBER = date(2024, 9, 1), date(2026, 8, 1), date(2026, 10, 1)
END = date(2026, 10, 31)


def twenty_orders(folder: Path) -> list[Path]:
    return [write_orders(folder / "orders.csv", days(AUTUMN, END, 20), [f"c{n}" for n in range(12)])]


def one_order(folder: Path) -> list[Path]:
    return [write_orders(folder / "orders.csv", [END], ["c1"])]


def one_month(folder: Path) -> list[Path]:
    return [write_orders(folder / "orders.csv", days(OCTOBER, END, 90), [f"c{n}" for n in range(60)])]


def one_customer(folder: Path) -> list[Path]:
    return [write_orders(folder / "orders.csv", days(LONG, END, 120), ["c1"])]


def guests_only(folder: Path) -> list[Path]:
    return [write_orders(folder / "orders.csv", days(LONG, END, 120), [""])]


def few_who_never_repeat(folder: Path) -> list[Path]:
    return [write_orders(folder / "orders.csv", days(AUTUMN, END, 40), [f"c{n}" for n in range(40)])]


def all_refunded(folder: Path) -> list[Path]:
    orders = usual_orders(folder / "orders.csv")
    header, *rows = orders.read_text().splitlines()
    orders.write_text("\n".join([f"{header},refund", *(f"{row},40.00" for row in rows)]) + "\n")
    return [orders]


def all_free(folder: Path) -> list[Path]:
    return [write_orders(folder / "orders.csv", days(LONG, END, 120), [f"c{n}" for n in range(20)], amount="0")]


def _staffing(folder: Path, headcount: str) -> Path:
    path = folder / "staffing.csv"
    months = [f"{year}-{month:02}" for year in (2024, 2025, 2026) for month in range(1, 13)][8:34]
    path.write_text("".join(["month,headcount,hires,leavers\n", *(f"{month},{headcount},0,0\n" for month in months)]))
    return path


def zero_staff(folder: Path) -> list[Path]:
    return [usual_orders(folder / "orders.csv"), _staffing(folder, "0")]


def staff_unknown(folder: Path) -> list[Path]:
    return [usual_orders(folder / "orders.csv"), _staffing(folder, "")]


def no_cash_no_sales(folder: Path) -> list[Path]:
    cash = folder / "cash.csv"
    cash.write_text("month,cash_balance,net_revenue,marketing,cogs,inventory\n2026-09,0,0,0,0,0\n2026-10,0,0,0,0,0\n")
    return [usual_orders(folder / "orders.csv"), cash]


SHOPS: dict[str, tuple[Callable[[Path], list[Path]], int]] = {
    "one order": (one_order, 3),
    "twenty orders": (twenty_orders, 3),
    "one month": (one_month, 3),
    "one customer": (one_customer, 3),
    "guests only": (guests_only, 3),
    "few who never repeat": (few_who_never_repeat, 3),
    "all refunded": (all_refunded, 3),
    "all free": (all_free, 3),
    "zero staff": (zero_staff, 0),
    "staff unknown": (staff_unknown, 0),
    "no cash, no sales": (no_cash_no_sales, 0),
}


def unjudged(document: Json) -> list[Json]:
    return [item for item in findings(document).values() if item["status"] in ("unknown", "skipped")]


@pytest.mark.parametrize(("make", "code"), SHOPS.values(), ids=SHOPS)
def test_a_tiny_shop_gets_a_sensible_report(
    call: Call, tmp_path: Path, make: Callable[[Path], list[Path]], code: int
) -> None:
    files = make(tmp_path)

    ran = call("report", *files, "--format", "json")
    card = call("report", *files)

    assert (ran.code, card.code) == (code, code), ran.err
    assert "internal error" not in ran.err
    assert [name for name, item in findings(ran.json).items() if item["status"] == "critical"] == []
    assert all(item["reason"] for item in unjudged(ran.json))
    assert not [item for item in unjudged(ran.json) if "failed" in item["reason"]]
    assert "DATA" in card.out
    assert "nan" not in card.out.lower().split()


def test_many_who_never_repeat_are_an_alarm(call: Call, tmp_path: Path) -> None:
    orders = write_orders(tmp_path / "orders.csv", days(LONG, END, 700), [f"c{n}" for n in range(700)])

    found = findings(call("report", orders, "--format", "json").json)

    assert found["repeat-share"]["status"] == "critical"
    assert found["second-order"]["status"] == "critical"
