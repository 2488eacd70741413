"""The money figures of the cash checks: from the cash sheet, else the orders, else estimated from the finance block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from merchant_check.checks.check import CannotTell, NotGiven
from merchant_check.checks.windows import HOW_TO_GIVE, given, how_to_add, largest_order, total
from merchant_check.facts import Facts, Finance, month_name
from merchant_check.report import Measurement, Part, Quantity, Window

NO_FINANCING = "no financing column: loans and capital would look like money earned or lost"
NO_LOSS = "no cash is lost: at least as much came in as went out"
NO_TAX = "sales tax is not taken out of order revenue: set finance.sales_tax_rate if prices include it"


class Ledger:
    """Sums over months; keeps note of what weakens them (`weak`), was estimated (`estimated`) or assumed (`notes`)."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.finance = facts.shop.finance or Finance()
        self.weak: dict[str, None] = {}
        self.estimated: dict[str, None] = {}
        self.notes: dict[str, None] = {}

    def measurement(
        self,
        parts: tuple[Part, ...],
        window: Window,
        summary: str,
        evidence: Mapping[str, Quantity],
        weak: tuple[str, ...] = (),
    ) -> Measurement:
        """A measurement that rests on these figures, with all that was noted while they were summed up."""
        return Measurement(
            parts,
            window,
            summary,
            evidence,
            weak=(*weak, *self.weak),
            estimated=tuple(self.estimated),
            notes=tuple(self.notes),
        )

    def inputs(self, *needs: str) -> tuple[str, ...]:
        """The inputs these figures come from: needs may be revenue, profit, burn and orders (their customers)."""
        if "cash" in self.facts.spans:
            return ("orders", "cash") if any(map(self._comes_from_orders, needs)) else ("cash",)
        if self.facts.shop.finance is None:
            raise NotGiven(HOW_TO_GIVE["cash"])
        return ("orders", "staffing") if "burn" in needs else ("orders",)  # an estimate of burn needs the payroll

    def _comes_from_orders(self, need: str) -> bool:
        """Whether this figure needs the orders although there is a cash sheet."""
        if need == "orders":
            return True
        told_by = {"profit": "gross_profit", "burn": "financing"}.get(need, "company_revenue")
        return not (given(self.facts, told_by) or self.has_company_revenue)

    @property
    def has_company_revenue(self) -> bool:
        return given(self.facts, "company_revenue")

    def revenue(self, months: Sequence[int]) -> float:
        """Net revenue: the cash sheet's where given (it may cover other channels), else the orders', without tax."""
        if self.has_company_revenue:
            return total(self.facts, "company_revenue", months, "cash")
        if self.finance.sales_tax_rate is None:
            self.notes[NO_TAX] = None
        return self.without_tax(total(self.facts, "net_revenue", months, "orders"))

    def without_tax(self, amount: float) -> float:
        """Order revenue without the sales tax that its prices include."""
        return amount / (1 + (self.finance.sales_tax_rate or 0))

    def largest_order(self, months: Sequence[int]) -> float:
        """The largest order within the revenue of these months; 0 where that is the cash sheet's, of many channels."""
        if self.has_company_revenue:
            return 0.0
        return self.without_tax(largest_order(self.facts, months))

    def gross_profit(self, months: Sequence[int]) -> float:
        """Gross profit as given; else revenue − cost of goods; else revenue × the margin of the finance block."""
        if given(self.facts, "gross_profit"):
            return total(self.facts, "gross_profit", months, "cash")
        if given(self.facts, "cogs"):
            return self.revenue(months) - total(self.facts, "cogs", months, "cash")
        if self.finance.gross_margin is None:
            raise CannotTell(
                "no gross profit: add the column gross_profit or cogs to the cash file, or set finance.gross_margin"
            )
        self.estimated["gross profit is taken as revenue × finance.gross_margin"] = None
        return self.revenue(months) * self.finance.gross_margin

    def cost_of_goods(self, months: Sequence[int]) -> float:
        if given(self.facts, "cogs"):
            return total(self.facts, "cogs", months, "cash")
        return self.revenue(months) - self.gross_profit(months)

    def marketing(self, months: Sequence[int]) -> float:
        """Marketing as given, else the finance block's monthly figure."""
        if given(self.facts, "marketing"):
            return total(self.facts, "marketing", months, "cash")
        if self.finance.monthly_marketing is None:
            raise NotGiven(
                "no marketing given: add the column marketing to the cash file, or finance.monthly_marketing"
            )
        self.estimated["marketing is taken as finance.monthly_marketing in every month"] = None
        return float(self.finance.monthly_marketing * len(months))

    def can_burn(self, months: Sequence[int]) -> bool:
        """The burn of every one of these months can be had: both balances, or orders without a gap to estimate it."""
        if "cash" in self.facts.spans:
            return all(self.facts.month(month).net_burn is not None for month in months)
        return not self.facts.gaps.intersection(months) and months[0] >= self.facts.spans["orders"].first

    def net_burn(self, months: Sequence[int]) -> float:
        """−(change of cash − financing) over the months; without a cash sheet an estimate from the finance block."""
        if "cash" not in self.facts.spans:
            return self._estimated_burn(months)
        burns = [self.facts.month(month).net_burn for month in months]
        if None in burns:
            month = months[burns.index(None)]
            raise CannotTell(
                f"the cash gained or lost in {month_name(month)} is not known: give the cash balances of that month "
                "and the one before"
            )
        known = [burn for burn in burns if burn is not None]
        if not given(self.facts, "financing"):
            self.weak[NO_FINANCING] = None
            for month, burn in zip(months, known, strict=True):
                if -burn > self.revenue([month]):
                    raise CannotTell(
                        f"more cash came in than was sold in {month_name(month)}, so money was raised: add the column "
                        "financing to the cash file"
                    )
        return sum(known)

    def _estimated_burn(self, months: Sequence[int]) -> float:
        if self.finance.monthly_overhead is None:
            raise CannotTell("no overhead: set finance.monthly_overhead to estimate the cash lost without a cash file")
        if not given(self.facts, "payroll"):
            raise CannotTell(
                f"no payroll to estimate the cash lost from: {how_to_add(self.facts, 'payroll', 'staffing')}"
            )
        payroll = total(self.facts, "payroll", months, "staffing")
        costs = payroll + self.finance.monthly_overhead * len(months) + self.marketing(months)
        self.estimated[
            "cash lost is taken as payroll + overhead + marketing − gross profit, from the finance block"
        ] = None
        return costs - self.gross_profit(months)
