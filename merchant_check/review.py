"""The whole flow on one page: files → read → reduce → facts → checks → report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from merchant_check.checks import CHECKS
from merchant_check.checks.check import Settings, run
from merchant_check.checks.freshness import aged
from merchant_check.checks.verdict import report
from merchant_check.checks.waivers import waived
from merchant_check.errors import UserError
from merchant_check.facts import Shop
from merchant_check.read.account import Account, ReadSettings
from merchant_check.read.files import File, open_files
from merchant_check.read.held import Space
from merchant_check.read.orders import read_orders
from merchant_check.read.recognise import ROLES, Layout
from merchant_check.read.roster import Roster, read_roster
from merchant_check.read.scratch import Scratch
from merchant_check.read.sheet import Sheet, joined, read_sheet
from merchant_check.read.statement import read_statement
from merchant_check.read.table import Table
from merchant_check.reduce.orders import OrderFacts, reduce_orders
from merchant_check.reduce.shop import shop_facts
from merchant_check.report import Report, Waiver
from merchant_check.room import room_to_grow
from merchant_check.watch import Watch


@dataclass(frozen=True)
class Request:
    """What to review: the files, the shop, how to read and judge, how much memory it may take (bytes), and whom to
    tell how it goes on."""

    files: Sequence[File]
    reading: ReadSettings
    shop: Shop = field(default_factory=Shop)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    settings: Mapping[str, Settings] = field(default_factory=dict)
    stale_after: float | None = None
    waivers: Mapping[str, Waiver] = field(default_factory=dict)
    memory: int = 1 << 32
    watch: Watch = field(default_factory=Watch)


def review(request: Request) -> Report:
    """Read the files, compute the facts, run the checks. Raises UserError where a file can't be used."""
    with Scratch() as scratch:
        return reviewed(request, scratch)


def reviewed(request: Request, scratch: Scratch) -> Report:
    """The same, with a place for temporary files."""
    watch = request.watch
    with watch.step("checking the files"):
        served = _by_role(request, scratch)
    with watch.step("settling orders"):
        orders = read_orders(served["orders"], request.reading, Space(scratch, request.memory, watch))
    with watch.step("counting customers"):
        reduced = reduce_orders(orders.parts, orders.as_of, request.shop.opened)
    staffing, cash = (_read(served[role], request, reduced) for role in ("staffing", "cash"))
    assert not isinstance(cash, Roster)
    facts = shop_facts(request.shop, request.reading.today, orders, reduced, staffing, cash)
    findings = waived(run(CHECKS, facts, request.settings), request.waivers, facts.today)
    inputs = [*orders.inputs, *(read for source in (staffing, cash) if source for read in source.inputs)]
    found = report(facts, aged(inputs, facts, request.stale_after), findings)
    return replace(found, room=room_to_grow(facts, request.settings, findings))


def _by_role(request: Request, scratch: Scratch) -> dict[str, list[tuple[Table, Layout]]]:
    """The tables of each role; raises UserError where orders are missing."""
    served: dict[str, list[tuple[Table, Layout]]] = {role: [] for role in ROLES}
    for table, layout in open_files(request.files, request.columns, scratch):
        served[layout.role].append((table, layout))
    if not served["orders"]:
        raise UserError(
            "no-orders-file",
            "no orders file given",
            remedy="pass one: rows with an order id, an order date and an amount",
        )
    return served


def _read(found: list[tuple[Table, Layout]], request: Request, reduced: OrderFacts) -> Sheet | Roster | None:
    """What the files of a role tell: a roster alone, or any number of monthly sheets and statements."""
    if not found:
        return None
    as_of = reduced.days[-1].day
    rosters = [each for each in found if each[1].shape == "roster"]
    if rosters and len(found) > 1:
        paths = ", ".join(table.path for table, _ in found)
        raise UserError("role-twice", f"a roster and another staffing file given ({paths})", remedy="pass one of them")
    if rosters:
        return read_roster(Account(*found[0]), request.reading, as_of)
    return joined(
        [
            (read_statement if layout.shape.startswith("bank statement") else read_sheet)(
                Account(table, layout), request.reading, as_of, reduced.complete_to
            )
            for table, layout in found
        ]
    )
