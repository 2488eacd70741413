"""Print the facts of an orders file as JSON, computed by pandas: `python -m benchmarks.pandas_orders FILE.csv`.

Written with care for this one file: the pyarrow reader (several threads), only the columns that are needed, keys as
numbers (`factorize`) before anything is grouped, and frames let go once they have served.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pandas as pd

COLUMNS = ["order_id", "customer_id", "ordered_at", "amount", "refund", "status"]
NOT_ORDERS = ["cancelled", "pending"]
MINOR = 10_000  # money is counted in ten-thousandths, to be exact
MONEY = {"revenue": "amount", "refunds": "refund", "net_revenue": "net"}
HORIZONS = (90, 180, 365)

Rows = list[dict[str, Any]]


def facts(path: str) -> dict[str, Rows]:
    """The tables of the report."""
    orders, set_aside = read_orders(path)
    by_day = orders.groupby("day").agg(orders=("amount", "size"), net=("net", "sum"))
    first_day, last_day = by_day.index[0], by_day.index[-1]
    calendar = range(month_of(first_day), month_of(last_day) + 1)
    sums = orders.groupby("month").agg(
        orders=("amount", "size"), revenue=("amount", "sum"), refunds=("refund", "sum"), net=("net", "sum")
    )
    totals = {
        "orders": len(orders),
        **{name: units(orders[column].sum()) for name, column in MONEY.items()},
        "first_day": str(first_day.date()),
        "last_day": str(last_day.date()),
    }
    visits = visits_of(orders)
    del orders
    gaps, customers = gaps_of(visits)
    customer_months = customer_months_of(visits)
    del visits
    of_customers = customer_months.groupby("month").agg(
        active=("orders", "size"),
        with_customer=("orders", "sum"),
        net_with_customer=("net", "sum"),
        repeat_orders=("repeat_orders", "sum"),
        repeat_revenue=("repeat_revenue", "sum"),
    )
    days = by_day.join(customers).reindex(pd.date_range(first_day, last_day)).fillna(0).astype("int64")
    new = days["new"].groupby(month_of(days.index)).sum()
    months = sums.join(of_customers).join(new).reindex(calendar).fillna(0).astype("int64")
    totals |= {
        "orders_with_customer": int(months["with_customer"].sum()),
        "customers": int(gaps["customers"].sum()),
        "repeat_customers": int(gaps["customers"][gaps["gap"].notna()].sum()),
        "repeat_orders": int(months["repeat_orders"].sum()),
    }
    span = complete_months(days)
    return {
        "totals": [totals],
        "months": month_rows(months),
        "days": [
            {
                "day": str(row.Index.date()),
                "orders": row.orders,
                "net_revenue": units(row.net),
                "new_customers": row.new,
            }
            for row in days.itertuples()
        ],
        "years": year_rows(months, customer_months, span),
        "second_order": second_order_rows(gaps, days, span),
        "cohorts": cohort_rows(customer_months, calendar[-1]),
        "set_aside": [set_aside],
    }


def month_of(day: Any) -> Any:
    """The number of a day's month."""
    return day.year * 12 + day.month - 1


def month_name(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def units(amount: Any) -> float:
    return round(int(amount) / MINOR, 4)


def minor(cells: pd.Series) -> pd.Series:
    """Written amounts as ten-thousandths; NaN where unreadable."""
    return (pd.to_numeric(cells, errors="coerce").astype("float64") * MINOR).round()


def read_orders(path: str) -> tuple[pd.DataFrame, dict[str, int]]:
    """The orders that count, and how many rows do not and why."""
    rows = pd.read_csv(path, usecols=COLUMNS, engine="pyarrow", dtype_backend="pyarrow")
    shared = rows[rows["order_id"].duplicated(keep=False)]
    once = np.ones(len(rows), bool)
    once[shared.index[shared.duplicated()]] = False
    off = rows["status"].isin(NOT_ORDERS).to_numpy()
    counts = rows["status"][off & once].value_counts()
    day = pd.to_datetime(rows["ordered_at"], format="%Y-%m-%d %H:%M:%S", errors="coerce").dt.normalize()
    amount, refund = minor(rows["amount"]), minor(rows["refund"]).fillna(0)
    in_full = (rows["status"] == "refunded").to_numpy(bool) & (refund == 0)
    parsed = pd.DataFrame(
        {
            "customer": pd.factorize(rows["customer_id"])[0],  # guests are -1
            "day": day.astype("datetime64[s]"),
            "amount": amount,
            "refund": refund.where(~in_full, amount),
        }
    )
    del rows, shared, day, amount, refund
    live = parsed[once & ~off]
    no_day, no_amount = live["day"].isna(), live["amount"].isna()
    orders = live[~no_day & ~no_amount & (live["day"] <= pd.Timestamp.today())]
    orders = orders.astype({"amount": "int64", "refund": "int64"})
    orders["net"] = orders["amount"] - orders["refund"]
    orders["month"] = month_of(orders["day"].dt)
    return orders, {
        "read": len(parsed),
        "used": len(orders),
        "duplicates": int((~once).sum()),
        "cancelled": int(counts.get("cancelled", 0)),
        "unpaid": int(counts.get("pending", 0)),
        "unreadable_dates": int(no_day.sum()),
        "unreadable_amounts": int((no_amount & ~no_day).sum()),
    }


def visits_of(orders: pd.DataFrame) -> pd.DataFrame:
    """One row per known customer and day, in that order, with the customer's first day."""
    known = orders[orders["customer"] >= 0]
    visits = known.groupby(["customer", "day"]).agg(
        orders=("amount", "size"), revenue=("amount", "sum"), net=("net", "sum"), month=("month", "first")
    )
    visits = visits.reset_index()
    visits["first"] = visits.groupby("customer")["day"].transform("first")
    return visits


def gaps_of(visits: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """How many customers were new on a day and came back so many days later (NaN: not yet); and new ones by day."""
    starts = visits["customer"].to_numpy() != visits["customer"].shift().to_numpy()
    same = visits["customer"].to_numpy() == visits["customer"].shift(-1).to_numpy()
    gap = (visits["day"].shift(-1) - visits["day"]).dt.days.where(same)
    firsts = pd.DataFrame({"first": visits["day"], "gap": gap})[starts]
    gaps = firsts.groupby(["first", "gap"], dropna=False).size().rename("customers").reset_index()
    return gaps, gaps.groupby("first")["customers"].sum().rename("new")


def customer_months_of(visits: pd.DataFrame) -> pd.DataFrame:
    repeat = visits["day"] > visits["first"]
    visits["repeat_orders"] = visits["orders"].where(repeat, 0)
    visits["repeat_revenue"] = visits["revenue"].where(repeat, 0)
    by_month = visits.groupby(["customer", "month"])[["orders", "net", "repeat_orders", "repeat_revenue"]].sum()
    by_month = by_month.reset_index()
    by_month["first_month"] = by_month.groupby("customer")["month"].transform("first")
    return by_month


def month_rows(months: pd.DataFrame) -> Rows:
    return [
        {
            "month": month_name(row.Index),
            "orders": row.orders,
            "revenue": units(row.revenue),
            "refunds": units(row.refunds),
            "net_revenue": units(row.net),
            "active_customers": row.active,
            "new_customers": row.new,
            "returning_customers": row.active - row.new,
            "repeat_orders": row.repeat_orders,
            "repeat_revenue": units(row.repeat_revenue),
            "orders_without_customer": row.orders - row.with_customer,
        }
        for row in months.itertuples()
    ]


def complete_months(days: pd.DataFrame) -> range:
    """The months between the first and the last order, give or take the shop's usual gap."""
    busy = days.index[days["orders"] > 0]
    gaps = np.sort(np.diff(busy).astype("timedelta64[D]").astype(int))
    usual = pd.Timedelta(days=int(gaps[(95 * len(gaps) + 99) // 100 - 1]) + 1)
    return range(month_of(busy[0] - usual) + 1, month_of(busy[-1] + usual))


def year_rows(months: pd.DataFrame, customer_months: pd.DataFrame, span: range) -> Rows:
    """A customer counts as a buyer for twelve months after a month with an order, or until the next such month."""
    month = customer_months["month"].to_numpy()
    customer = customer_months["customer"].to_numpy()
    until = month + 12
    same = customer[1:] == customer[:-1]
    until[:-1][same] = np.minimum(until[:-1][same], month[1:][same])
    buyers = np.cumsum(np.bincount(month, minlength=span[-1] + 13) - np.bincount(until, minlength=span[-1] + 13))
    found = []
    for to in span[11:][-24:]:
        year = months.loc[to - 11 : to]
        found.append(
            {
                "to": month_name(to),
                "buyers": int(buyers[to]),
                "orders_with_customer": int(year["with_customer"].sum()),
                "net_revenue": units(year["net"].sum()),
                "net_revenue_with_customer": units(year["net_with_customer"].sum()),
            }
        )
    return found


def second_order_rows(gaps: pd.DataFrame, days: pd.DataFrame, span: range) -> Rows:
    """Kaplan-Meier tables of all customers followed, and of those won on the last year's best days and on others."""
    first_day, last_day = days.index[0], days.index[-1]
    first = gaps["first"]
    two_years = (first > last_day - pd.DateOffset(months=24)) & (first >= first_day + pd.DateOffset(months=6))
    found = survival("all", gaps[two_years], last_day)
    if len(span) >= 12:
        year = days[np.isin(month_of(days.index), span[-12:])]
        best = year.sort_values("net", ascending=False, kind="stable").index[:10]
        in_year = first.between(year.index[0], year.index[-1])
        found += survival("peak", gaps[in_year & first.isin(best)], last_day)
        found += survival("other", gaps[in_year & ~first.isin(best)], last_day)
    return found


def survival(group: str, gaps: pd.DataFrame, last_day: pd.Timestamp) -> Rows:
    followed = (last_day - gaps["first"]).dt.days
    came_back = gaps["gap"].notna()
    time = gaps["gap"].fillna(followed).astype("int64")
    customers = gaps["customers"].groupby(time).sum()
    events = gaps["customers"].where(came_back, 0).groupby(time).sum()
    table = pd.DataFrame({"customers": customers, "events": events})
    table = table.reindex(table.index.union(list(HORIZONS)), fill_value=0)
    table["at_risk"] = table["customers"][::-1].cumsum()
    table = table[(table["events"] > 0) | table.index.isin(HORIZONS)]
    return [
        {"group": group, "gap": row.Index, "at_risk": row.at_risk, "events": row.events} for row in table.itertuples()
    ]


def cohort_rows(customer_months: pd.DataFrame, newest: int) -> Rows:
    """Every cohort's net revenue up to twelve months after its first."""
    sizes = customer_months["first_month"][customer_months["month"] == customer_months["first_month"]].value_counts()
    net = customer_months.groupby(["first_month", "month"])["net"].sum()
    return [
        {
            "first_month": month_name(first),
            "age": age,
            "customers": int(size),
            "net_revenue": units(net.get((first, first + age), 0)),
        }
        for first, size in sizes.sort_index().items()
        for age in range(min(12, newest - first) + 1)
    ]


if __name__ == "__main__":
    print(json.dumps(facts(sys.argv[1])))
