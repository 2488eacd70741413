"""A factory of Reports for the renderers' tests: one healthy, one critical, one half judged, one with orders only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from merchant_check.checks import CHECKS
from merchant_check.checks import verdict as verdicts
from merchant_check.checks.check import grade
from merchant_check.facts import MINOR, Facts, Shop, Span, Totals, month_number
from merchant_check.report import Cap, Finding, Input, Part, Quantity, Report, SetAside, Status, Window, worst

BY_ID = {check.id: check for check in CHECKS}
LAST = month_number(date(2026, 10, 1))
WINDOW = Window(LAST - 2, LAST, LAST - 14, LAST - 12)
GIVE_STAFFING = "no staffing file: add a sheet with the columns month, headcount"
GIVE_CASH = "no cash file: add a sheet with the columns month, cash_balance"
GIVE_PLAN = "no plan given: set plan: in the config"

Series = tuple[float | None, ...]


def finding(
    check: str,
    *values: float | Part,
    series: Series = (),
    summary: str = "",
    weak: tuple[str, ...] = (),
    estimated: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    evidence: dict[str, Quantity] | None = None,
) -> Finding:
    """A graded finding of the real check; a plain number is the next part's figure."""
    specs = {spec.id: spec for spec in BY_ID[check].parts}
    ids = iter(specs)
    measured = [value if isinstance(value, Part) else Part(next(ids), value) for value in values]
    thin = (*estimated, *weak)
    parts = tuple(
        grade(part, specs[part.id], part.threshold or specs[part.id].threshold("general"), thin) for part in measured
    )
    status = worst([part.status for part in parts])
    return Finding(
        check,
        BY_ID[check].subject,
        BY_ID[check].document,
        status,
        parts=parts,
        window=WINDOW,
        evidence=evidence or {},
        estimated=estimated,
        quality="estimated" if estimated else "weak" if weak else "full",
        weak_because=thin,
        notes=notes,
        summary=summary,
        reason=next((part.reason for part in parts if part.status is status and part.reason), ""),
        previous=series[-4] if series else None,
        series=tuple((LAST - len(series) + 1 + index, value) for index, value in enumerate(series)),
    )


def unjudged(check: str, reason: str, status: Status = Status.UNKNOWN) -> Finding:
    return Finding(check, BY_ID[check].subject, BY_ID[check].document, status, reason=reason)


def skipped(check: str, reason: str) -> Finding:
    return unjudged(check, reason, Status.SKIPPED)


def ramp(start: float, end: float, known: int = 12) -> Series:
    """Twelve month-ends from start to end, a little uneven; only the last `known` of them could be judged."""
    bumps = (0.0, 0.4, -0.3, 0.2, -0.5, 0.3)
    step = (end - start) / 11
    values = [*(start + step * (month + bumps[month % 6]) for month in range(11)), end]
    return tuple(value if month >= 12 - known else None for month, value in enumerate(values))


def money(value: float) -> Quantity:
    return Quantity(value * MINOR, "money")


FIRST, AS_OF = date(2023, 9, 20), date(2026, 10, 31)
TOTALS = Totals(48_001, 44_791, 21_300, 9_800, 20_411, 3_120_455 * MINOR, 41_220 * MINOR, FIRST, AS_OF)
ORDERS = Input(
    *("orders", "exports/orders.csv", "generic orders", "utf-8", ",", {"order_id": "Name"}, 48_210, 48_001),
    rejected=(SetAside("unreadable date", 12, (1042, 1043, 2210)), SetAside("unreadable amount", 1, (17,))),
    left_out=(SetAside("cancelled", 179), SetAside("unpaid", 17), SetAside("identical duplicate", 1, (5,))),
    notes=("3 orders with amount 0 counted",),
    first=FIRST,
    last=AS_OF,
)
STAFFING = Input(
    *("staffing", "staffing.csv", "monthly sheet", "utf-8", ",", {}, 24, 24),
    first=date(2024, 11, 1),
    last=AS_OF,
)
CASH = replace(STAFFING, role="cash", path="cash.csv")


def report(
    shop: Shop, findings: list[Finding], *inputs: Input, verdict: str | None = None, headline: str | None = None
) -> Report:
    """The report that the real grading makes of these findings; verdict and headline may be given words of our own."""
    spans = {source.role: Span(LAST - (36 if source.role == "orders" else 23), LAST) for source in inputs}
    facts = Facts(shop, AS_OF, date(2026, 11, 3), TOTALS, True, {"orders": Span(0, -1), **spans}, {}, ())
    made = verdicts.report(facts, inputs, findings)
    return replace(made, verdict=verdict or made.verdict, headline=headline or made.headline)


def healthy() -> Report:
    findings = [
        finding("growth-pace", 0.08, series=ramp(0.02, 0.08), summary="412 orders a person, 381 a year earlier."),
        finding("over-hiring", 0.04, series=ramp(0.01, 0.04), summary="Each person brings in more than a year ago."),
        finding("newcomers", 0.12, series=ramp(0.2, 0.12), summary="2 of 17 people joined in the last 6 months."),
        finding("turnover", 0.11, series=ramp(0.1, 0.11), summary="2 people left in twelve months."),
        finding("team-investment", 0.6, series=ramp(0.5, 0.6), summary="Pay per person +6% in a year."),
        unjudged("locations", "there were no locations a year earlier"),
        finding("repeat-share", 0.58, 0.012, series=ramp(0.55, 0.58), summary="9,812 of 16,917 orders came back."),
        finding("second-order", 0.44, series=ramp(0.43, 0.44, 10), summary="44% of new customers order again."),
        finding("retained-revenue", 0.63, series=ramp(0.6, 0.63), summary="Last year's customers still buy."),
        finding("active-customers", 0.11, 0.01, series=ramp(0.07, 0.11), summary="8,912 customers, 8,029 before."),
        finding("peak-dependence", 0.19, 0.012, series=ramp(0.19, 0.19), summary="The best 60 days bring 19%."),
        finding(
            "runway",
            Part("months", forced=Status.OK, missing="no cash is lost: at least as much came in as went out"),
            series=(None,) * 12,
            summary="{balance} in the bank, and at least as much came in as went out over 12 months.",
            evidence={"balance": money(127_951)},
        ),
        finding("burn-multiple", -0.2, series=ramp(-0.1, -0.2), summary="No cash was lost in twelve months."),
        finding("burn-share", -0.04, series=ramp(-0.03, -0.04), summary="No cash was lost in twelve months."),
        finding("marketing-share", 0.092, series=ramp(0.09, 0.092), summary="98,000 EUR for 1.07 M EUR of sales."),
        finding(
            "acquisition-cost",
            Part("change", 0.06, -0.02, 0.15, change=True),
            Part("payback", 3),
            series=ramp(0.02, 0.06),
            summary="{now} of marketing for each new customer, {before} a year earlier.",
            evidence={"now": money(14.2), "before": money(13.4)},
        ),
        finding("inventory", 0.03, 0.03, 62, series=ramp(0.0, 0.03), summary="Stock +15% in a year, sales +12%."),
        finding("plan", 0.99, 1.1, series=ramp(0.97, 0.99), summary="1.06 M EUR of net revenue, 1.07 M EUR planned."),
    ]
    shop = Shop("Kettle Lane Tea", "EUR", "Europe/Lisbon")
    return report(shop, findings, ORDERS, STAFFING, CASH)


def critical() -> Report:
    nothing_earned = Part("payback", forced=Status.CRITICAL, missing="not earned back within 12 months")
    findings = [
        finding(
            "growth-pace",
            0.62,
            series=ramp(0.05, 0.62),
            summary="{now} a person each month, {before} a year earlier.",
            evidence={"now": Quantity(1240, "orders"), "before": Quantity(765, "count")},
        ),
        finding("over-hiring", 0.08, series=ramp(0.01, 0.08), summary="Each person brings in more than a year ago."),
        finding("newcomers", 0.31, series=ramp(0.1, 0.31), summary="9 of 29 people joined in the last 6 months."),
        unjudged("turnover", "no one has an end date: add the column end to the roster"),
        finding(
            "team-investment",
            0.5,
            Part("training", 0.0, forced=Status.WARNING, missing="no training in twelve months"),
            series=ramp(0.6, 0.5),
            summary="Pay per person +5% in a year, net revenue per person +10%.",
        ),
        finding("locations", 0.2, series=ramp(0.0, 0.2), weak=("under 5 locations",), summary="From 2 to 4 locations."),
        finding(
            "repeat-share",
            Part("share", 0.38, 0.37, 0.39),
            Part("change", -0.07),
            series=ramp(0.46, 0.38),
            summary="9,812 of 25,821 orders in 12 months came from customers who had bought before.",
        ),
        finding(
            "second-order",
            Part("probability", 0.253, 0.22, 0.28),
            series=ramp(0.29, 0.253, 9),
            summary="25% of new customers order again within 365 days; 4,480 were followed that long.",
        ),
        finding("retained-revenue", 0.51, series=ramp(0.6, 0.51), summary="Last year's customers still buy."),
        finding("active-customers", 0.41, 0.01, series=ramp(0.1, 0.41), summary="11,321 customers, 8,029 before."),
        finding("peak-dependence", 0.24, 0.12, series=ramp(0.2, 0.24), summary="The best 60 days bring 24% of sales."),
        finding(
            "runway",
            5.8,
            series=ramp(16, 5.8),
            summary="{balance} in the bank; {burn} a month went out over the last 3 months.",
            evidence={"balance": money(118_400), "burn": money(20_400)},
        ),
        finding(
            "burn-multiple",
            Part("multiple", forced=Status.CRITICAL, missing="cash is lost while gross profit falls"),
            series=(None,) * 12,
            summary="198,000 EUR burned in twelve months, while gross profit fell from 410,000 EUR to 399,000 EUR.",
        ),
        finding("burn-share", 0.12, series=ramp(0.02, 0.12), summary="198,000 EUR burned on 1.65 M EUR of sales."),
        finding("marketing-share", 0.2004, series=ramp(0.12, 0.2004), summary="330,660 EUR for 1.65 M EUR of sales."),
        finding("acquisition-cost", 0.57, nothing_earned, series=ramp(0.1, 0.57), summary="28.40 EUR, was 18.10 EUR."),
        finding("inventory", 0.08, 0.08, 150, series=ramp(0.0, 0.08), summary="Stock +66% in a year, sales +58%."),
        skipped("plan", GIVE_PLAN),
    ]
    return report(Shop("Snap Basket", "EUR", "Europe/Lisbon"), findings, ORDERS, STAFFING, CASH)


def half_judged() -> Report:
    """A short history: weak evidence, a change within chance, a softened figure, an estimate, a failed check."""
    season = "the season is still in it"
    findings = [
        finding("growth-pace", 0.55, series=ramp(0.1, 0.55, 5), weak=(season,), summary="88 orders a person, was 57."),
        finding("over-hiring", -0.02, series=ramp(0.0, -0.02, 5), weak=(season,), summary="Each brings in 2% less."),
        finding(
            "newcomers", 1 / 3, series=ramp(0.5, 1 / 3, 6), weak=("under 5 people",), summary="1 of 3 people joined."
        ),
        unjudged("turnover", "needs 12 complete months, has 9"),
        unjudged("team-investment", "needs 24 complete months, has 9"),
        skipped("locations", "no locations given: add the column locations to the staffing file"),
        finding(
            "repeat-share",
            Part("share", 0.28, caps=(Cap(Status.WARNING, "a lower bound: export 5 more months to be sure"),)),
            series=ramp(0.25, 0.28, 4),
            summary="At least 28% of orders are repeat orders.",
        ),
        finding(
            "second-order",
            Part("probability", 0.19, 0.16, 0.33),
            series=ramp(0.21, 0.19, 7),
            summary="19% of new customers order again within half a year.",
        ),
        unjudged("retained-revenue", "needs 24 complete months"),
        unjudged("active-customers", "needs 24 complete months"),
        skipped("peak-dependence", "gift shop, peaks are the business"),
        finding(
            "runway",
            7.04,
            series=ramp(9, 7.04, 4),
            estimated=("net burn from payroll and the finance block",),
            notes=("sales tax is not taken out of order revenue",),
            summary="{balance} in the bank.",
            evidence={"balance": money(21_200)},
        ),
        skipped("burn-multiple", GIVE_CASH),
        skipped("burn-share", GIVE_CASH),
        skipped("marketing-share", GIVE_CASH),
        finding(
            "acquisition-cost",
            Part("change", 0.34, -0.1, 0.8, change=True),
            Part("payback", missing="needs 30 complete months"),
            series=ramp(0.1, 0.34, 3),
            weak=(season,),
            summary="9.50 of marketing for each new customer, was 7.09.",
        ),
        skipped("inventory", GIVE_CASH),
        unjudged("plan", "this check failed (ZeroDivisionError: division by zero); please report it"),
    ]
    return report(Shop("Corner Lamp"), findings, ORDERS, STAFFING)


def orders_only() -> Report:
    judged = {each.id: each for each in healthy().findings if each.subject == "customers"}
    reasons = {"team": GIVE_STAFFING, "cash": GIVE_CASH}
    findings = [
        judged.get(check.id) or skipped(check.id, GIVE_PLAN if check.id == "plan" else reasons[check.subject])
        for check in CHECKS
    ]
    return report(Shop(), findings, ORDERS)


ALL: dict[str, Callable[[], Report]] = {
    "healthy": healthy,
    "critical": critical,
    "half_judged": half_judged,
    "orders_only": orders_only,
}
