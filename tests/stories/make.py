"""Write the small stories' files: `python tests/stories/make.py`. The same bytes on every run."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).parent
Row = tuple[str, str, date, float, str]


def orders(story: str, rows: Iterable[Row]) -> None:
    lines = ["order_id,customer_id,ordered_at,amount,status"]
    lines += [f"{number},{customer},{day},{amount:.2f},{status}" for number, customer, day, amount, status in rows]
    write(story, "orders.csv", lines)


def write(story: str, name: str, lines: list[str]) -> None:
    folder = HERE / story
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join(lines) + "\n", "utf-8")


def shop(count: int, days: int, customers: int, status: str = "paid", seed: int = 1) -> list[Row]:
    """Orders spread evenly over the days that end on 31 October 2026."""
    rng = random.Random(seed)
    start = date(2026, 10, 31) - timedelta(days=days - 1)
    return [
        (
            f"A{1000 + index}",
            f"C{rng.randrange(customers):03d}",
            start + timedelta(days=(index + 1) * (days - 1) // count),
            rng.randrange(1500, 9000) / 100,
            status,
        )
        for index in range(count)
    ]


def main() -> None:
    orders("twenty-orders", shop(20, 400, 15))
    orders("one-month", shop(60, 31, 40))
    orders("one-customer", shop(400, 760, 1))
    orders("all-refunded", shop(300, 760, 90, status="refunded"))
    no_repeat = [(number, f"N{number}", day, amount, status) for number, _, day, amount, status in shop(400, 760, 1)]
    orders("no-repeat", no_repeat)
    orders("zero-staff", shop(400, 760, 90))
    every_month = [f"{year}-{month:02d}" for year in (2024, 2025, 2026) for month in range(1, 13)][8:34]
    write("zero-staff", "staffing.csv", ["month,headcount", *(f"{month},0" for month in every_month)])
    orders("estimated-cash", shop(400, 760, 90))
    write(
        "estimated-cash",
        "staffing.csv",
        ["month,headcount,hires,leavers,payroll", *(f"{month},6,0,0,9000" for month in every_month)],
    )
    write(
        "estimated-cash",
        "config.yaml",
        [
            "merchant: {name: Two Files, currency: EUR}",
            "finance:",
            "  cash_balance: {amount: 40000, on: 2026-10-31}",
            "  gross_margin: 0.5",
            "  monthly_overhead: 1500",
            "  monthly_marketing: 300",
        ],
    )


if __name__ == "__main__":
    main()
