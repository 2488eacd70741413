"""The configuration: every setting with its default, unit and meaning, and what the other rooms make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from merchant_check.checks import CHECKS
from merchant_check.checks.check import Check, Settings
from merchant_check.config.shapes import (
    BALANCE,
    CURRENCY,
    DATE_FORMAT,
    DAY,
    DAYS,
    DECIMAL_MARK,
    DELIMITER,
    ENCODING,
    FILE,
    HEADER,
    LINES,
    MONEY,
    MONTH,
    NUMBER,
    PATH,
    PATTERN,
    PERIOD,
    ROWS,
    SHARE,
    TEXT,
    TIMEZONE,
    YES_NO,
    Key,
    Kind,
    Many,
    Record,
    Table,
    about,
    one_of,
    section,
)
from merchant_check.facts import MINOR, Finance, Shop, month_number
from merchant_check.report import PartSpec, Threshold

CATEGORIES = {
    "general": "general",
    "consumables": "consumables",
    "food": "consumables",
    "beauty": "consumables",
    "pets": "consumables",
    "fashion": "fashion",
    "durables": "durables",
    "electronics": "durables",
    "furniture": "durables",
}
"""Each word for a shop's category, and the preset of lines it stands for."""

FIELDS = {
    "orders": "order_id order_name ordered_at amount quantity unit_price email customer_id customer_name phone refund"
    " after_refund status currency line",
    "staffing": "month headcount hires leavers payroll bonus training_hours training_spend locations person first_name"
    " start end status location",
    "cash": "month cash_balance financing company_revenue gross_profit cogs marketing payroll inventory headcount"
    " locations booked_on booked_amount money_in money_out direction balance currency text",
}
"""The fields whose header can be named, by role: those of read/formats.yaml (a test compares them)."""


def _headers(role: str, **options: Key) -> Record:
    names = {name: Key(HEADER, example=name.replace("_", " ").capitalize()) for name in FIELDS[role].split()}
    reading = {
        "date_format": Key(DATE_FORMAT, "How dates are written, where the file leaves it open", "DD/MM/YYYY"),
        "decimal_mark": Key(DECIMAL_MARK, "What stands before decimals, where the file leaves it open", "comma"),
        "encoding": Key(ENCODING, "The encoding of the file's letters, where it can't be told", "cp1252"),
        "delimiter": Key(DELIMITER, "The sign between fields, where it can't be told", '";"'),
    }
    return Record({**names, **reading, **options}, dict)


@dataclass(frozen=True)
class Merchant:
    """Who the shop is."""

    name: str = field(default="", metadata=about(TEXT, "The name at the top of the report", "Example Shop"))
    currency: str | None = field(
        default=None,
        metadata=about(CURRENCY, "The currency of all amounts; orders in another one are left out and counted"),
    )
    timezone: str | None = field(
        default=None,
        metadata=about(TIMEZONE, "Where the shop's day begins; stamps that carry an offset are converted to it"),
    )
    opened: date | None = field(
        default=None, metadata=about(DAY, "The first day of business; tells whether the orders reach back to it")
    )
    category: str = field(
        default="general",
        metadata=about(one_of(CATEGORIES), "What the shop sells; sets how often customers should come back"),
    )
    closed: tuple[str, ...] = field(
        default=(), metadata=about(Many(MONTH), "Months the shop was closed, so that they pass for no missing export")
    )


@dataclass(frozen=True)
class Inputs:
    """The files to read where the command line names none."""

    orders: tuple[str, ...] = field(default=(), metadata=about(Many(PATH), "The orders", "exports/orders-*.csv"))
    staffing: tuple[str, ...] = field(default=(), metadata=about(Many(PATH), "The team", "staffing.csv"))
    cash: tuple[str, ...] = field(default=(), metadata=about(Many(PATH), "The cash", "cash.csv"))


ORDERS_COLUMNS = _headers(
    "orders",
    rows=Key(ROWS, "What each row of an order with several rows carries", "line-amounts"),
)
CASH_COLUMNS = _headers(
    "cash",
    financing_match=Key(PATTERN, "Bookings of loans and capital: a pattern their text contains", "loan|capital"),
    opening_balance=Key(BALANCE, "The balance before the first booking of a statement without balances", "12000"),
)


@dataclass(frozen=True)
class Columns:
    """By role: the headers of fields that recognition misses, and how the orders' rows and dates are to be read."""

    orders: Mapping[str, str] = field(
        default_factory=dict, metadata=about(ORDERS_COLUMNS, "The orders: each field's header in the file")
    )
    staffing: Mapping[str, str] = field(default_factory=dict, metadata=about(_headers("staffing"), "The team"))
    cash: Mapping[str, str] = field(default_factory=dict, metadata=about(CASH_COLUMNS, "The cash"))


@dataclass(frozen=True)
class Balance:
    """Money in the bank on a day."""

    amount: float = field(metadata=about(BALANCE, "The balance"))
    on: date = field(metadata=about(DAY, "The day at whose end it was counted"))


@dataclass(frozen=True)
class FinanceConfig:
    """Rough money figures for a shop without a cash file; findings that rest on them are marked as estimated."""

    cash_balance: Balance | None = field(default=None, metadata=about(section(Balance), "Money in the bank"))
    gross_margin: float | None = field(
        default=None, metadata=about(SHARE, "What is left of revenue after the cost of goods")
    )
    monthly_overhead: float | None = field(
        default=None, metadata=about(MONEY, "A month's costs other than payroll, marketing and goods")
    )
    monthly_marketing: float | None = field(default=None, metadata=about(MONEY, "A month's marketing costs", "8000"))
    sales_tax_rate: float | None = field(
        default=None, metadata=about(SHARE, "Sales tax within the orders' amounts; cash checks take it out", "0.19")
    )


@dataclass(frozen=True)
class GivenLines:
    """The lines the user set for one figure; None keeps the default."""

    warning: float | None = None
    critical: float | None = None


NO_LINES = GivenLines()


@dataclass(frozen=True)
class CheckConfig:
    """What the user set for one check; `lines` by part id."""

    enabled: bool = True
    reason: str = ""
    lines: Mapping[str, GivenLines] = field(default_factory=dict)


@dataclass(frozen=True)
class WaiverConfig:
    """A finding that is known and accepted."""

    check: str = field(metadata=about(one_of([check.id for check in CHECKS]), "The check"))
    until: date = field(metadata=about(DAY, "The last day on which the exit code passes it over"))
    reason: str = field(metadata=about(TEXT, "Why it is accepted", "bridge loan signed"))


@dataclass(frozen=True)
class ReportConfig:
    """When a run fails and when it refuses."""

    fail_on: str = field(
        default="warning",
        metadata=about(one_of(["warning", "critical", "never"]), "The mildest finding that makes a run fail"),
    )
    max_rejected: float = field(
        default=0.01, metadata=about(SHARE, "A file with a larger share of unreadable rows is refused")
    )
    stale_after_days: float | None = field(
        default=None, metadata=about(DAYS, "A newest order older than this is a warning; unset: of any age")
    )
    history: str | None = field(
        default=None, metadata=about(FILE, "Keep each run in this file, and report what has changed since the last one")
    )


def _check_record(check: Check) -> Record:
    """The keys of one check: its switch, the lines of its first figure, and a block for each other figure."""
    first, *further = check.parts
    others = [part for part in further if part.threshold("general").warning is not None]  # else a rule judges it

    def build(enabled: bool = True, reason: str = "", **given: Any) -> CheckConfig:
        own = {name: given.pop(name) for name in ("warning", "critical") if name in given}
        return CheckConfig(enabled, reason, {**({first.id: GivenLines(**own)} if own else {}), **given})

    switch = {"enabled": Key(YES_NO, example="true"), "reason": Key(TEXT, example="why it is switched off")}
    parts = {part.id: Key(Record(_line_keys(part), GivenLines), _part_words(part)) for part in others}
    return Record({**switch, **_line_keys(first), **parts}, build)


def line_kind(part: PartSpec) -> Kind:
    """What a line of a figure must be; the bounds of shares tell 0.25 from 25."""
    return LINES.get(part.unit, NUMBER)


def _line_keys(part: PartSpec) -> dict[str, Key]:
    """The two lines; where a figure has none by default, the example is a plausible one."""
    lines = part.threshold("general")
    warning = lines.warning or 0.0
    worse = warning + abs(warning) if lines.better == "lower" else warning - abs(warning) / 2
    critical = worse if lines.critical is None else lines.critical
    kind = line_kind(part)
    return {"warning": Key(kind, example=f"{warning:.4g}"), "critical": Key(kind, example=f"{critical:.4g}")}


def _part_words(part: PartSpec) -> str:
    """A figure's title, unit and direction, and its lines where they differ by category or there are none."""
    lines = part.threshold("general")
    off = " and ".join(name for name in ("warning", "critical") if getattr(lines, name) is None)
    words = [part.unit, f"{lines.better} is better", *([f"no {off} line by default"] if off else [])]
    if not isinstance(part.lines, Threshold):
        words.append(", ".join(f"{name} {of.warning} and {of.critical}" for name, of in part.lines.items()))
    return f"{part.title[:1].upper()}{part.title[1:]} ({'; '.join(words)})"


CHECKS_RECORD = Record(
    {
        check.id: Key(_check_record(check), f"{check.document.question} {_part_words(check.parts[0])}")
        for check in CHECKS
    },
    dict,
)


@dataclass(frozen=True)
class Config:
    """The whole file."""

    merchant: Merchant = field(default_factory=Merchant, metadata=about(section(Merchant), "The shop"))
    inputs: Inputs = field(
        default_factory=Inputs, metadata=about(section(Inputs), "The files to read where the command line names none")
    )
    columns: Columns = field(
        default_factory=Columns, metadata=about(section(Columns), "The files' headers, where recognition needs help")
    )
    finance: FinanceConfig = field(
        default_factory=FinanceConfig,
        metadata=about(section(FinanceConfig), "Rough money figures, for a shop without a cash file"),
    )
    plan: Mapping[str, float] = field(
        default_factory=dict,
        metadata=about(Table(PERIOD, MONEY), "Planned net revenue, by year or by month", "12000000"),
    )
    checks: Mapping[str, CheckConfig] = field(
        default_factory=dict,
        metadata=about(
            CHECKS_RECORD,
            "Each check can be switched off (enabled: false, with a reason) and has lines: a figure beyond its warning "
            "or critical line is reported, one exactly at a line is still good. The lines shown are the defaults",
        ),
    )
    waivers: tuple[WaiverConfig, ...] = field(
        default=(),
        metadata=about(
            Many(section(WaiverConfig)),
            "Findings that are known and accepted until a day: still shown, but passed over by the exit code",
            "[{check: runway, until: 2027-01-31, reason: bridge loan signed}]",
        ),
    )
    report: ReportConfig = field(
        default_factory=ReportConfig, metadata=about(section(ReportConfig), "The outcome of a run")
    )


def shop(config: Config) -> Shop:
    """What the checks may know of the config."""
    merchant = config.merchant
    plan = {period: _money(amount) for period, amount in config.plan.items()}
    return Shop(
        name=merchant.name,
        currency=merchant.currency,
        timezone=merchant.timezone,
        opened=merchant.opened,
        category=CATEGORIES[merchant.category],
        closed=frozenset(map(_month, merchant.closed)),
        finance=_finance(config.finance),
        plan_years={int(period): amount for period, amount in plan.items() if len(period) == 4},
        plan_months={_month(period): amount for period, amount in plan.items() if len(period) > 4},
    )


def _finance(given: FinanceConfig) -> Finance | None:
    if given == FinanceConfig():
        return None
    balance = given.cash_balance
    return Finance(
        cash_balance=_money(balance.amount) if balance else None,
        cash_balance_on=balance.on if balance else None,
        gross_margin=given.gross_margin,
        monthly_overhead=None if given.monthly_overhead is None else _money(given.monthly_overhead),
        monthly_marketing=None if given.monthly_marketing is None else _money(given.monthly_marketing),
        sales_tax_rate=given.sales_tax_rate,
    )


def _money(amount: float) -> int:
    return round(amount * MINOR)


def _month(label: str) -> int:
    return month_number(date.fromisoformat(f"{label}-01"))


def check_settings(config: Config) -> dict[str, Settings]:
    """The settings of every check the file mentions; a figure of which one line is set keeps the other's default."""
    category = CATEGORIES[config.merchant.category]
    found = {}
    for check in CHECKS:
        if given := config.checks.get(check.id):
            changed = [part for part in check.parts if given.lines.get(part.id, NO_LINES) != NO_LINES]
            lines = {part.id: in_force(part, category, given.lines[part.id]) for part in changed}
            found[check.id] = Settings(given.enabled, given.reason, lines)
    return found


def in_force(part: PartSpec, category: str, given: GivenLines) -> Threshold:
    """A figure's lines: those given, and the category's defaults where none is."""
    default = part.threshold(category)
    return Threshold(
        default.warning if given.warning is None else given.warning,
        default.critical if given.critical is None else given.critical,
        default.better,
    )
