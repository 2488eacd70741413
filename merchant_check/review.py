"""The whole flow on one page: files → read → reduce → facts → checks → report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from merchant_check.checks import CHECKS
from merchant_check.checks.check import Settings, run
from merchant_check.checks.verdict import report
from merchant_check.errors import UserError
from merchant_check.facts import Shop
from merchant_check.read.account import Account, ReadSettings
from merchant_check.read.orders import read_orders
from merchant_check.read.recognise import ROLES, Layout, assign, known
from merchant_check.read.roster import Roster, read_roster
from merchant_check.read.sheet import Sheet, read_sheet
from merchant_check.read.table import Table, open_table
from merchant_check.reduce.orders import OrderFacts, reduce_orders
from merchant_check.reduce.shop import shop_facts
from merchant_check.report import Report


@dataclass(frozen=True)
class File:
    """A file to read: where it is, what reports call it, and its role (None: told by its headers)."""

    path: str
    name: str
    role: str | None = None


@dataclass(frozen=True)
class Request:
    """What to review: the files, the shop, and how to read and judge."""

    files: Sequence[File]
    reading: ReadSettings
    shop: Shop = field(default_factory=Shop)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    settings: Mapping[str, Settings] = field(default_factory=dict)


def review(request: Request) -> Report:
    """Read the files, compute the facts, run the checks. Raises UserError where a file can't be used."""
    served = _by_role(request)
    orders = read_orders(served["orders"], request.reading)
    reduced = reduce_orders(orders.rows, orders.as_of, request.shop.opened)
    staffing = _team(served["staffing"], request, reduced)
    cash = _sheet(served["cash"], request, reduced)
    facts = shop_facts(request.shop, request.reading.today, orders, reduced, staffing, cash)
    findings = run(CHECKS, facts, request.settings)
    inputs = [*orders.inputs, *(source.input for source in (staffing, cash) if source)]
    return report(facts, inputs, findings)


def _by_role(request: Request) -> dict[str, list[tuple[Table, Layout]]]:
    """The tables of each role; raises UserError where orders are missing or a role is filled twice."""
    tables = [(open_table(file.path, file.name, known), file.role) for file in request.files]
    served: dict[str, list[tuple[Table, Layout]]] = {role: [] for role in ROLES}
    for table, layout in assign(tables, request.columns):
        served[layout.role].append((table, layout))
    if not served["orders"]:
        raise UserError(
            "no-orders-file",
            "no orders file given",
            remedy="pass one: rows with an order id, an order date and an amount",
        )
    for role in ("staffing", "cash"):
        if len(served[role]) > 1:
            paths = ", ".join(table.path for table, _ in served[role])
            raise UserError(
                "role-twice", f"{len(served[role])} {role} files given ({paths})", remedy="pass one of them"
            )
    return served


def _team(found: list[tuple[Table, Layout]], request: Request, reduced: OrderFacts) -> Sheet | Roster | None:
    if found and found[0][1].shape == "roster":
        as_of = reduced.days[-1].day
        return read_roster(Account(*found[0]), as_of, request.reading.max_rejected)
    return _sheet(found, request, reduced)


def _sheet(found: list[tuple[Table, Layout]], request: Request, reduced: OrderFacts) -> Sheet | None:
    if not found:
        return None
    as_of = reduced.days[-1].day
    return read_sheet(Account(*found[0]), as_of, reduced.complete_to, request.reading.max_rejected)
