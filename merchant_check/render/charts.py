"""The report's charts: which figures each one shows, its words for those who can't see it, and its table."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from merchant_check.facts import MONTH_NAMES, Facts, Month, SecondOrder, month_name, month_number
from merchant_check.render import words
from merchant_check.render.explain import lines_text
from merchant_check.render.svg import Caption, Label, Plot, Point, scale
from merchant_check.report import Finding, GradedPart, Quantity, Report, Status
from merchant_check.stats import Estimate, kaplan_meier

SMALL, LARGE = 140, 190  # heights
MONTHS = 24  # how far the large charts look back
AHEAD = 12  # how many months at most a balance is drawn on
YEAR, QUARTER = 12, 3
DAYS = (30, 90, 180, 365)  # of the curve's table
STEPS = (1, 2, 3, 6, 12)  # months from one name below a chart to the next
UNKNOWN = words.NO_FIGURE


@dataclass(frozen=True)
class Table:
    """The figures behind a chart; the first cell of a row names it."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Chart:
    """A picture with its caption: `legend` pairs the style of a mark with what it stands for."""

    id: str
    title: str
    text: str
    svg: str
    legend: tuple[tuple[str, str], ...] = ()
    table: Table | None = None


# --- one finding


def of_finding(finding: Finding) -> Chart | None:
    """The finding's first figure at the last month-ends, with its lines; None where it was never known."""
    part = finding.first
    known = [(month, value) for month, value in finding.series if value is not None and math.isfinite(value)]
    if not part or not known:
        return None
    title = f"{finding.title}: {part.title}"
    said = [f"{words.number(value, part.unit)} in {month_name(month)}" for month, value in (known[0], known[-1])]
    text = f"{' to '.join(dict.fromkeys(said))}; {lines_text(part.threshold, part.unit)}."
    caption = Caption(f"chart-{finding.id}", title, text)
    return Chart(finding.id, title, text, _finding_svg(caption, finding, part))


def _finding_svg(caption: Caption, finding: Finding, part: GradedPart) -> str:
    months, (last, now) = [month for month, _ in finding.series], finding.series[-1]
    lines, labels = _lines(part), _labels(part, now)
    values = [*(value for _, value in finding.series), *(value for _, value in lines), part.low, part.high]
    span = (months[0] - 0.5, months[-1] + 0.5)
    plot = Plot(caption, SMALL, span, scale((value for value in values if value is not None), part.unit), labels)
    if finding.window:
        plot.shade(finding.window.first - 0.5, finding.window.last + 0.5, "window")
    for status, value in lines:
        plot.level(value, f"line {status.value}")
    if part.low is not None and part.high is not None:
        plot.whisker(last, part.low, part.high)
    plot.line(finding.series, "line first")
    plot.line([(last, now)], "first")
    _name_months(plot, months)
    return str(plot)


def _lines(part: GradedPart) -> list[tuple[Status, float]]:
    given = ((Status.WARNING, part.threshold.warning), (Status.CRITICAL, part.threshold.critical))
    return [(status, value) for status, value in given if value is not None and math.isfinite(value)]


def _labels(part: GradedPart, now: float | None) -> list[Label]:
    """What stands beside a chart: its lines with their signs, and today's figure."""
    found = [Label(value, f"{sign(status)} {words.number(value, part.unit)}", status) for status, value in _lines(part)]
    known = now is not None and math.isfinite(now)
    return [*found, Label(now, words.number(now, part.unit), "now")] if known and now is not None else found


def sign(status: Status) -> str:
    """The sign of a status, asked for as plain text where a phone would show a coloured picture."""
    return words.SIGNS[status] + "\ufe0e"


# --- the shop


def of_subject(report: Report, subject: str) -> list[Chart]:
    """The charts that show what a subject is about, as far as the files tell."""
    draw = {"team": (_growth,), "customers": (_customers, _second_order), "cash": (_balance,)}
    return [chart for each in draw[subject] if (chart := each(report))]


@dataclass(frozen=True)
class _Growth:
    """How a figure's three-month mean has changed since the months it is compared with."""

    style: str
    name: str
    points: tuple[Point, ...]

    @property
    def values(self) -> list[float]:
        return [value for _, value in self.points if value is not None]

    @property
    def told(self) -> bool:
        """It is known to the end."""
        return bool(self.points) and self.points[-1][1] is not None

    @property
    def label(self) -> Label:
        end = self.values[-1]
        return Label(end, f"{self.name} {words.number(end, 'change')}", self.style)


GROWING: tuple[tuple[str, str, Callable[[Month], float | None]], ...] = (
    ("first", "orders", lambda row: row.orders),
    ("second", "revenue", lambda row: row.net_revenue),
    ("third", "people", lambda row: row.headcount),
)


def _growth(report: Report) -> Chart | None:
    """Orders, net revenue and people as three-month means, against the same months a year earlier."""
    months, base = _growth_months(report)
    found = [_Growth(style, name, _against(report.facts, of, months, base)) for style, name, of in GROWING]
    told = [growth for growth in found if growth.told]
    if not told:
        return None
    labels = [growth.label for growth in told]
    title = f"{_capital(words.listed([growth.name for growth in told]))} against {months_named(base - 2, base)}"
    now = words.listed([label.text for label in labels])
    text = f"Means over three months; {months_named(months[-1] - 2, months[-1])}: {now}."
    marks = scale([0.0, *(value for growth in told for value in growth.values)], "change")
    plot = Plot(Caption("chart-growth", title, text), LARGE, (months[0], months[-1]), marks, labels)
    for growth in told:
        plot.line(growth.points, f"line {growth.style}")
    _name_months(plot, months)
    return Chart("growth", title, text, str(plot), table=_growth_table(report, range(months[0] - 2, months[-1] + 1)))


def _growth_months(report: Report) -> tuple[range, int]:
    """The ends of the three-month means to show, and the one they are compared with: those of the check growth-pace,
    where it could be judged."""
    window, span = _finding(report, "growth-pace").window, report.facts.spans["orders"]
    first, last = span.first + QUARTER - 1, window.last if window else span.last
    base = window.compared_last if window and window.compared_last else max(first, last - YEAR)
    return range(max(first, last - MONTHS + 1), last + 1), base


def _against(facts: Facts, figure: Callable[[Month], float | None], months: range, base: int) -> tuple[Point, ...]:
    """The change of a figure's three-month mean since `base`; None where a month is missing."""
    before = _mean(facts, figure, base)
    means = [(month, _mean(facts, figure, month)) for month in months]
    if before is None or before <= 0:
        return ()
    return tuple((month, None if now is None else now / before - 1) for month, now in means)


def _mean(facts: Facts, figure: Callable[[Month], float | None], last: int) -> float | None:
    months = range(last - QUARTER + 1, last + 1)
    values = [figure(facts.month(month)) for month in months if month not in facts.gaps]
    known = [value for value in values if value is not None]
    return sum(known) / QUARTER if len(known) == QUARTER else None


def _growth_table(report: Report, months: Iterable[int]) -> Table:
    currency = report.facts.shop.currency
    return _month_table(
        report.facts,
        months,
        {
            "orders": lambda row: f"{row.orders:,}",
            "net revenue": lambda row: words.amount(row.net_revenue, "money", currency),
            "people": lambda row: _maybe(row.headcount, "count"),
        },
    )


def _customers(report: Report) -> Chart | None:
    """Who bought, month by month: for the first time, or again."""
    facts, span = report.facts, report.facts.spans["orders"]
    months = range(max(span.first, span.last - MONTHS + 1), span.last + 1)
    rows = [facts.month(month) for month in months]
    if not facts.has_customers or not any(row.active_customers for row in rows):
        return None
    title = "New and returning customers each month"
    active, returning = sum(row.active_customers for row in rows), sum(row.returning_customers for row in rows)
    share, over = words.amount(returning / active, "share"), words.counted(len(rows), "months")
    text = f"Over {over}, {share} of a month's customers had bought before.{_unseen(facts, rows)}"
    columns: dict[str, Callable[[Month], str]] = {
        "new": lambda row: f"{row.new_customers:,}",
        "returning": lambda row: f"{row.returning_customers:,}",
    }
    svg = _customers_svg(Caption("chart-customers", title, text), rows)
    legend = (("bar second", "new"), ("bar first", "returning"))
    return Chart("customers", title, text, svg, legend, _month_table(facts, months, columns))


def _customers_svg(caption: Caption, rows: Sequence[Month]) -> str:
    span = (rows[0].month - 0.5, rows[-1].month + 0.5)
    plot = Plot(caption, LARGE, span, scale([0.0, *(float(row.active_customers) for row in rows)], "count"))
    for row in rows:
        sides = row.month - 0.38, row.month + 0.38
        plot.column(*sides, 0, row.returning_customers, "bar first")
        plot.column(*sides, row.returning_customers, row.active_customers, "bar second")
    _name_months(plot, [row.month for row in rows])
    return str(plot)


def _unseen(facts: Facts, rows: Sequence[Month]) -> str:
    """What keeps the counts of customers from being the whole truth."""
    orders, guests = sum(row.orders for row in rows), sum(row.orders_without_customer for row in rows)
    share = words.amount(guests / orders, "share") if guests else ""
    missing = f" {share} of the orders name no customer and are left out here." if share else ""
    return missing + ("" if facts.history_complete else " Early in the files old customers look new.")


# --- second order


def _second_order(report: Report) -> Chart | None:
    """The Kaplan-Meier curve up to the day that the check judges, with its interval; None where it could not judge."""
    finding, newest = _finding(report, "second-order"), month_number(report.facts.as_of)
    rows = [row for row in report.facts.second_order if row.group == "all" and row.to == newest]
    part, days = finding.first, finding.evidence.get("horizon")
    if not (rows and part and days):
        return None
    horizon = round(days.value)
    curve = _curve(rows, horizon)
    last = curve[-1][1]
    title = "New customers who ordered again, by days since their first order"
    found = f"{words.amount(last.value, 'share')} within {words.amount(horizon, 'days')}"
    text = f"{found}; 95% interval {_interval(last)}."
    svg = _curve_svg(Caption("chart-curve", title, text), curve, part)
    table = Table(("days", "ordered again", "95% interval", "still followed"), tuple(_curve_rows(rows, horizon)))
    return Chart(
        "curve", title, text, svg, (("line first", "share who ordered again"), ("band", "95% interval")), table
    )


def _curve(rows: Sequence[SecondOrder], horizon: int) -> list[tuple[int, Estimate]]:
    table = [(row.gap, row.at_risk, row.events) for row in rows]
    days = [row.gap for row in rows if row.events and row.gap < horizon]
    return [(0, Estimate(0, 0, 0)), *((day, kaplan_meier(table, day)) for day in [*days, horizon])]


def _curve_svg(caption: Caption, curve: Sequence[tuple[int, Estimate]], part: GradedPart) -> str:
    (horizon, last), lines = curve[-1], _lines(part)
    marks = scale([0.0, last.high, *(value for _, value in lines)], "share")
    plot = Plot(caption, LARGE, (0, horizon), marks, _labels(part, last.value))
    for status, value in lines:
        plot.level(value, f"line {status.value}")
    upper = [(day, estimate.high) for day, estimate in curve]
    plot.band(upper, [(day, estimate.low) for day, estimate in curve], "band")
    plot.steps([(day, estimate.value) for day, estimate in curve], "line first")
    plot.dot(horizon, last.value, "first")
    plot.names((day, f"{day}" if day else "0 days") for day in (0, *DAYS[1:]) if day <= horizon)
    return str(plot)


def _curve_rows(rows: Sequence[SecondOrder], horizon: int) -> Iterable[tuple[str, ...]]:
    table = [(row.gap, row.at_risk, row.events) for row in rows]
    for day in DAYS:
        if day <= horizon:
            found = kaplan_meier(table, day)
            followed = next((row.at_risk for row in rows if row.gap >= day), 0)
            yield (f"{day}", words.amount(found.value, "share"), _interval(found), f"{followed:,}")


def _interval(found: Estimate) -> str:
    return f"{words.number(found.low, 'share')} to {words.number(found.high, 'share')}"


# --- cash


def _balance(report: Report) -> Chart | None:
    """The cash in the bank at each month-end, drawn on to zero at the burn that runway judges."""
    facts, currency = report.facts, report.facts.shop.currency
    known = [row.month for row in facts.months if row.cash_balance is not None]
    if not known:
        return None
    months = range(max(known[0], known[-1] - MONTHS + 1), known[-1] + 1)
    points = [(month, facts.month(month).cash_balance) for month in months]
    last, burn = points[-1][1] or 0, _finding(report, "runway").evidence.get("burn")
    ahead = _ahead(burn, known[-1], last)
    title = f"Cash in the bank at each month-end{f', {currency}' if currency else ''}"
    text = f"{words.amount(last, 'money', currency)} at the end of {month_name(known[-1])}."
    if burn and ahead:
        text += f" Dashed: if {words.amount(burn.value, 'money', currency)} a month keep going out."
    columns: dict[str, Callable[[Month], str]] = {
        "balance": lambda row: _maybe(row.cash_balance, "money", currency),
        "financing": lambda row: _maybe(row.financing, "money", currency),
        "net burn": lambda row: _maybe(row.net_burn, "money", currency),
    }
    svg = _balance_svg(Caption("chart-balance", title, text), points, ahead)
    return Chart("balance", title, text, svg, table=_month_table(facts, months, columns))


def _balance_svg(caption: Caption, points: Sequence[tuple[int, int | None]], ahead: Sequence[Point]) -> str:
    first, last = points[0][0], points[-1][0]
    end = ahead[-1][0] if ahead else last + 0.5
    marks = scale([0.0, *(float(value) for _, value in points if value is not None)], "money")
    plot = Plot(caption, LARGE, (first, end), marks)
    plot.line(points, "line first")
    plot.line(ahead, "line ahead")
    plot.line(points[-1:], "first")
    _name_months(plot, range(first, math.floor(end) + 1))
    return str(plot)


def _ahead(burn: Quantity | None, month: int, balance: float) -> list[Point]:
    """From the last balance to zero, or as far as is drawn; nothing where no cash is burned."""
    if not burn or burn.value <= 0 or balance <= 0:
        return []
    months = min(balance / burn.value, AHEAD)
    return [(month, balance), (month + months, balance - months * burn.value)]


# --- what all need


def _finding(report: Report, check: str) -> Finding:
    return next(finding for finding in report.findings if finding.id == check)


def _name_months(plot: Plot, months: Sequence[int]) -> None:
    """Names as many months below the plot as there is room for, counted back from the last."""
    named = [(month, f"{MONTH_NAMES[month % 12][:3]} {month // 12}") for month in months]
    room = plot.steps_for(named[-1][1])
    step = next((step for step in STEPS if len(months) - 1 <= step * room), len(months))
    plot.names(named[::-step])


def months_named(first: int, last: int) -> str:
    """ "August to October 2026", "November 2025 to January 2026", "October 2026"."""
    if first == last:
        return month_name(last)
    same_year = first // 12 == last // 12
    return f"{MONTH_NAMES[first % 12] if same_year else month_name(first)} to {month_name(last)}"


def _month_table(facts: Facts, months: Iterable[int], columns: dict[str, Callable[[Month], str]]) -> Table:
    rows = [(month_name(month), *(cell(facts.month(month)) for cell in columns.values())) for month in months]
    return Table(("month", *columns), tuple(reversed(rows)))


def _maybe(value: float | None, unit: str, currency: str | None = None) -> str:
    return UNKNOWN if value is None else words.amount(value, unit, currency)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
