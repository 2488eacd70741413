"""Real statements of banks, cards and wallets, made anonymous (../shared/data/cn_bank_bills, where it is at hand): each
is read with the balances worked out here by hand, or refused for the reason that a person sees in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from merchant_check.errors import UserError
from merchant_check.facts import MINOR, month_label, month_number
from merchant_check.read.account import Account, ReadSettings
from merchant_check.read.files import File, open_files
from merchant_check.read.scratch import Scratch
from merchant_check.read.sheet import Sheet
from merchant_check.read.statement import read_statement

BILLS = Path(__file__).parents[3] / "shared" / "data" / "cn_bank_bills"
TODAY = date(2026, 10, 31)
AS_OF = date(2025, 12, 31)

pytestmark = pytest.mark.skipif(not BILLS.is_dir(), reason=f"the statements are not at hand (no folder {BILLS})")


@dataclass(frozen=True)
class Told:
    """What a statement tells: each month's last balance, and the sum of its bookings; and the rows left out."""

    format: str
    balances: Mapping[str, float]
    flows: Mapping[str, float]
    rows_used: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    currency: str | None = None
    max_rejected: float = 0.01


@dataclass(frozen=True)
class Refused:
    """Why a file can't serve: the code, the words that say it, and the words of the remedy."""

    code: str
    says: str
    remedy: str
    line: int | None


CARD = ("no-use", "credit card's statement", "pass the bank account's statement")
WALLET = ("no-use", "wallet's list of payments", "pass the bank account's statement")
HIDDEN = ("too-many-rejected", r"unreadable balance 'xx,yyyy.zz", "mend the file")

# name of the file → what it must give as it is
AS_IT_IS: dict[str, Told | Refused] = {
    # the row of 3 January has seven of nine fields
    "abc_debit__example-abc_debit-records.csv": Refused("too-many-rejected", "wrong number of fields", "mend", 4),
    "alipay__example-alipay-records.csv": Refused(*WALLET, 25),
    "bmo__credit__example-bmo-records.csv": Refused(*CARD, 3),
    # no balance in it, and none told
    "bmo__debit__example-bmo-records.csv": Refused(
        "no-role", "no column for the running balance", "opening_balance", 4
    ),
    "boc__credit__example-boc-records.csv": Refused(*CARD, 2),
    # newest first: - 71.89 - 326.00 + 50.00 - 50.00 - 60.00 - 206.80 - 68.14 - 2600.00 - 13.50 - 15.48 - 16.00
    # + 5771.00 - 2769.59 + 3000.00 - 196.90 - 3000.00 + 1000.00 = 426.70 = 3240.28 - (3813.58 - 1000.00)
    # but it ends on 22 August: too early for a balance of the month's end
    "boc__debit__example-boc-records.csv": Told("Bank of China", {}, {}, 17),
    "bocom_credit__example-bocom_credit-records.csv": Refused(*CARD, 1),
    # 借 Dr is money out. The first row is the newest: on 1 January 2025, so that month has not ended
    "bocom_debit__example-bocom_debit-records.csv": Told(
        "Bank of Communications",
        {
            "2024-02": 2334.62,
            "2024-03": 45.67,
            "2024-04": 184.69,
            "2024-05": 99.66,
            **dict.fromkeys(("2024-06", "2024-07", "2024-08", "2024-09", "2024-10", "2024-11", "2024-12"), 3154.93),
        },
        {
            "2024-02": -3.21,
            "2024-03": 0.02,
            "2024-04": 10.00,
            "2024-05": -10.00,
            "2024-06": -100.79,
            **dict.fromkeys(("2024-07", "2024-08", "2024-09", "2024-10", "2024-11", "2024-12"), 0.0),
        },
        rows_used=6,
    ),
    "cgb_credit__example-cgb_credit-records.csv": Refused(*CARD, 1),
    "cmb__credit__example-cmb-records.csv": Refused(*CARD, 2),
    # in no order: 27 January is the last day; 1234.00 - 1000.00 - 3.00 - 1000.00 - 10.14 = -779.14
    "cmb__debit__example-cmb-records.csv": Told("China Merchants Bank", {"2024-01": 81.22}, {"2024-01": -779.14}, 5),
    "hsbchk__credit__example-hsbchk-credit-records.csv": Refused(*CARD, 1),
    "hsbchk__debit__example-hsbchk-debit-records.csv": Refused(
        "several-currencies", "HKD, CNY", "set merchant.currency", None
    ),
    "icbc__credit__example-icbc-credit-records.csv": Refused(*CARD, 7),
    "icbc__debit-v1__example-icbc-debit-v1-records.csv": Refused(*HIDDEN, 8),
    "icbc__debit-v2__example-icbc-debit-v2-records.csv": Refused(*HIDDEN, 8),
    "jd__example-jd-records.csv": Refused(*WALLET, 22),
    "mt__example-mt-records.csv": Refused(*WALLET, 20),
    "td__example-td-records.csv": Refused("no-header", "no header row", "write the columns' names above it", 1),
    "wechat__example-wechat-records.csv": Refused(*WALLET, 17),
}

# what the remedies lead to
MENDED: dict[str, Told] = {
    # without the broken row; it ends on 4 January: no balance for that month's end
    "abc_debit__example-abc_debit-records.csv": Told(
        "Agricultural Bank of China", {}, {}, rows_used=4, max_rejected=0.2
    ),
    # May: 500.00 + 0.01 - 68.32 - 50.00; June ends on the 12th, too early for a balance
    "bmo__debit__example-bmo-records.csv": Told(
        "BMO account", {"2023-05": 381.69}, {"2023-05": -118.31}, rows_used=4, options={"opening_balance": "500.00"}
    ),
    # newest first: - 1.00 - 100.00 + 500.00 - 75.50 - 1000.00 + 12500.00 - 350.00 - 2000.00 + 5.45 = 9478.95
    "hsbchk__debit__example-hsbchk-debit-records.csv": Told(
        "HSBC Hong Kong",
        {"2025-03": 3612.17},
        {"2025-03": 9478.95},
        rows_used=9,
        left_out={"other currency": 1},
        currency="HKD",
    ),
}

# ICBC's balances are hidden in the files; from 1000.00 on, newest first, they would be:
ICBC_BALANCES = "-399.34 -385.94 848.62 -385.94 848.62 -385.94 114.06 -227.52 1,007.04 977.04 1,001.04".split()  # noqa: SIM905
ICBC = Told(
    "ICBC",
    {"2023-02": 114.06, "2023-03": 114.06, "2023-04": -385.94},  # it ends on 2 May: no balance for May's end
    {
        "2023-02": -885.94,
        "2023-03": 0.0,
        "2023-04": -500.00,
    },  # 1.04 - 24.00 + 30.00 - 1234.56 + 341.58; - 500.00 ± 1234.56
    rows_used=11,
    left_out={"total row": 1},
)


def read(path: Path, role: str | None, told: Told | None = None) -> Sheet:
    """Read a statement; told of a pattern that finds every booking, its financing is the sum of them."""
    options = {"financing_match": ".*", **told.options} if told else {}
    columns = {"cash": options} if told else {}
    ((table, layout),) = open_files([File(str(path), path.name, role)], columns, Scratch())
    patience = told.max_rejected if told else 0.01
    settings = ReadSettings(today=TODAY, currency=told.currency if told else None, max_rejected=patience)
    return read_statement(Account(table, layout), settings, AS_OF, month_number(AS_OF))


def assert_told(sheet: Sheet, told: Told) -> None:
    (source,) = sheet.inputs
    by_month = {month_label(month): figures for month, figures in sheet.months.items()}
    assert source.format == told.format
    assert {month: figures["cash_balance"] / MINOR for month, figures in by_month.items()} == told.balances
    assert {month: figures["financing"] / MINOR for month, figures in by_month.items()} == told.flows
    assert source.rows_used == told.rows_used
    assert {item.reason: item.rows for item in source.left_out} == told.left_out


def test_every_statement_is_in_the_table() -> None:
    assert {path.name for path in BILLS.iterdir()} == set(AS_IT_IS)


@pytest.mark.parametrize("role", ["cash", None])
@pytest.mark.parametrize("name", [name for name, outcome in AS_IT_IS.items() if isinstance(outcome, Told)])
def test_a_statement_is_read_right(name: str, role: str | None) -> None:
    told = AS_IT_IS[name]
    assert isinstance(told, Told)
    assert_told(read(BILLS / name, role, told), told)


@pytest.mark.parametrize("role", ["cash", None])
@pytest.mark.parametrize("name", [name for name, outcome in AS_IT_IS.items() if isinstance(outcome, Refused)])
def test_a_file_that_cannot_serve_is_refused_for_what_it_is(name: str, role: str | None) -> None:
    refused = AS_IT_IS[name]
    assert isinstance(refused, Refused)
    with pytest.raises(UserError) as caught:
        read(BILLS / name, role)
    error = caught.value
    assert error.code == refused.code
    assert refused.says in error.message
    assert refused.remedy in error.remedy
    assert error.where is not None
    assert (error.where.file, error.where.line) == (name, refused.line)


@pytest.mark.parametrize("name", MENDED)
def test_the_remedy_leads_to_the_right_figures(name: str) -> None:
    assert_told(read(BILLS / name, "cash", MENDED[name]), MENDED[name])


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_icbc_with_balances_that_can_be_read(tmp_path: Path, version: str) -> None:
    text = (BILLS / f"icbc__debit-{version}__example-icbc-debit-{version}-records.csv").read_text("utf-8")
    for balance in ICBC_BALANCES:
        text = text.replace("xx,yyyy.zz", balance, 1)
    path = tmp_path / "icbc.csv"
    path.write_text(text, "utf-8")
    assert_told(read(path, None, ICBC), ICBC)


def test_bank_of_china_with_a_booking_of_the_next_month(tmp_path: Path) -> None:
    lines = (BILLS / "boc__debit__example-boc-records.csv").read_text("utf-8").split("\n")
    lines.insert(2, lines[2].replace("2025-08-22", "2025-09-30").replace("3,240.28", "3,168.39"))
    path = tmp_path / "boc.csv"
    path.write_text("\n".join(lines), "utf-8")
    balances, flows = {"2025-08": 3240.28, "2025-09": 3168.39}, {"2025-08": 426.70, "2025-09": -71.89}
    told = Told("Bank of China", balances, flows, rows_used=18)
    assert_told(read(path, None, told), told)
