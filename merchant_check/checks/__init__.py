"""The eighteen checks, in report order.

How to add a check:
1. Copy the file of a similar check in team/, customers/ or cash/ and name it after the new id (growth-pace is
   growth_pace.py): its job in one sentence, `measure`, its levers, then its parts with their lines and its document.
2. Add its CHECK to CHECKS below; the first of each subject is its headline check.
3. Run `pytest`: the meta-tests say what is still missing (a boundary test, the generated tables).
"""

from difflib import get_close_matches

from merchant_check.checks.cash import (
    acquisition_cost,
    burn_multiple,
    burn_share,
    inventory,
    marketing_share,
    plan,
    runway,
)
from merchant_check.checks.check import Check
from merchant_check.checks.customers import (
    active_customers,
    peak_dependence,
    repeat_share,
    retained_revenue,
    second_order,
)
from merchant_check.checks.team import growth_pace, locations, newcomers, over_hiring, team_investment, turnover
from merchant_check.errors import UserError, clean

CHECKS: tuple[Check, ...] = (
    growth_pace.CHECK,
    over_hiring.CHECK,
    newcomers.CHECK,
    turnover.CHECK,
    team_investment.CHECK,
    locations.CHECK,
    repeat_share.CHECK,
    second_order.CHECK,
    retained_revenue.CHECK,
    active_customers.CHECK,
    peak_dependence.CHECK,
    runway.CHECK,
    burn_multiple.CHECK,
    burn_share.CHECK,
    marketing_share.CHECK,
    acquisition_cost.CHECK,
    inventory.CHECK,
    plan.CHECK,
)


def find(name: str, *others: str) -> Check:
    """The check with this id; raises UserError with the nearest one, or the nearest of the `others` one may mean."""
    known = {check.id: check for check in CHECKS}
    if name in known:
        return known[name]
    near = get_close_matches(name, [*known, *others], 1)
    hint = f"did you mean {near[0]}?" if near else "'merchant-check explain' lists them"
    raise UserError("no-such-check", f"no check is called {clean(name)!r}", remedy=hint)
