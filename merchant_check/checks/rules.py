"""Sentences that the documents of several checks share: the months they judge, their traps, the rules of evidence."""

from merchant_check.checks.customers.buyers import MONTHS_WITHOUT_NEW, MOST_GUESTS, YOUNG_MONTHS
from merchant_check.checks.team.people import COUNTABLE_TEAM, SMALL_TEAM
from merchant_check.checks.windows import FEWEST_CASES, SEASON_MONTHS

# --- the months a check judges

QUARTERS = "The latest 3 complete months, against the same 3 months a year earlier."
YEAR = "The latest 12 complete months."
YEARS = "The latest 12 complete months, against the 12 before."

# --- traps

HEADCOUNT_TRAPS = (
    "People on the payroll are counted, not hours: two who work half days count as two.",
    "Agency staff and freelancers are not counted.",
)

# --- when the evidence is weak, and what that means

INTERVAL_RULE = (
    "Critical needs the whole 95% interval (the range the true figure most likely lies in) beyond the warning line."
)
FEW_CASES_RULE = "Where the line lies within half of that range, so that chance may explain the distance: ok."
CHANCE_RULE = f"{INTERVAL_RULE} A change whose range holds 0 may be chance, and is ok."
LARGE_ORDER_RULE = "Where the status would be another one without the largest single order: weak evidence."
SEASON_RULE = (
    f"Fewer than {SEASON_MONTHS} complete months: compared with the 3 months before, with the season still in it; weak "
    "evidence."
)
FEW_ORDERS = f"Fewer than {FEWEST_CASES} orders in either quarter: unknown."
SMALL_TEAM_RULE = f"Under {SMALL_TEAM} people: weak evidence."
ONE_PERSON_RULE = f"Under {COUNTABLE_TEAM} people: as good as one person more or fewer would make it."
HALF_PERSON_RULE = (
    f"Under {COUNTABLE_TEAM} people: as good as half a person more would make it, as teams are counted in whole people."
)
SURVIVORS_RULE = "A roster without any end date shows only those who stayed: weak evidence."
GUESTS_RULE = f"More than {MOST_GUESTS:.0%} of the orders without a customer: unknown."
SAMPLE_RULE = (
    f"No new customer in {MONTHS_WITHOUT_NEW} months while orders go on: unknown, as that is a sample of customers."
)
YOUNG_RULE = f"A shop younger than {YOUNG_MONTHS} months (merchant.opened): a warning at most."
FINANCING_RULE = (
    "Without a financing column, loans and repayments look like gains and losses: weak evidence; unknown where more "
    "cash came in than was sold."
)
ESTIMATE_RULE = "What is taken from the finance block of the config is an estimate: a warning at most."
TAX_RULE = "Sales tax is taken out of order revenue only where finance.sales_tax_rate is set."

# --- what an analyst takes from the JSON report

NET_REVENUE = (
    "Net revenue is facts.months[].company_revenue where the cash file has sales, else facts.months[].net_revenue ÷ "
    "(1 + finance.sales_tax_rate)."
)
GROSS_PROFIT = (
    "Gross profit is facts.months[].gross_profit, else net revenue − facts.months[].cogs, else net revenue × "
    f"finance.gross_margin. {NET_REVENUE}"
)
