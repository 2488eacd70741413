"""inspect: how each file was understood, or how far, without telling who anybody is."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import SAMPLES, Call

EXPORTS = Path(__file__).parents[1] / "exports"
STEADY = SAMPLES / "steady"


def test_it_tells_role_format_columns_and_conventions(call: Call) -> None:
    ran = call("inspect", EXPORTS / "ebay-de" / "eBay-Bestellungen-2025.csv")
    assert ran.code == 0
    for told in (
        "orders: eBay orders (German)",
        "fields separated by semicolon, header in line 2",
        "ordered at: DD-MON-YY",
        "decimals after a comma (settled by amounts such as 116,99 €)",
        "Gesamtbetrag 116,99 €",
        "1 Mar 2025 to 31 Dec 2025, no month missing",
    ):
        assert told in ran.words


def test_rows_by_fate_come_with_their_lines(call: Call) -> None:
    ran = call("inspect", EXPORTS / "paypal" / "Download.CSV")
    assert "24 read, 13 used" in ran.words
    assert "not a sale 8 rows (lines 4, 6, 8, 10, 12, …)" in ran.words


def test_words_of_state_are_shown_with_their_meaning(call: Call) -> None:
    words = call("inspect", EXPORTS / "magento" / "export.csv").words
    assert "Closed = refunded" in words
    assert "Canceled = cancelled" in words


@pytest.mark.parametrize("form", ["terminal", "json"])
@pytest.mark.parametrize(
    ("export", "person"),
    [("shopify", "example.com"), ("taobao-orders", "阿木的猫"), ("etsy-orders", "sreed2"), ("workday-csv", "WD-3001")],
)
def test_no_personal_data_is_shown(call: Call, export: str, person: str, form: str) -> None:
    """Cells of personal columns are told by their form only."""
    file = next(path for path in (EXPORTS / export).iterdir() if path.suffix != ".yaml")
    assert person in file.read_bytes().decode("gb18030" if export == "taobao-orders" else "utf-8")
    out = call("inspect", file, "--format", form).out
    assert person not in out
    assert "@" not in out


def test_it_says_what_is_missing_for_which_check(call: Call) -> None:
    words = call("inspect", STEADY / "orders.csv").words
    assert "What can't be judged, and why" in words
    assert "Acquisition cost, Inventory: no cash file" in words
    everything = call("inspect", *(STEADY / f"{role}.csv" for role in ("orders", "staffing", "cash"))).words
    assert "Plan: no plan given" in everything
    assert "no cash file" not in everything


def test_without_orders_nothing_can_be_judged(call: Call) -> None:
    ran = call("inspect", STEADY / "cash.csv")
    assert ran.code == 0
    assert "every check: no orders file given" in ran.words


def test_a_file_that_cannot_be_used_is_shown_as_far_as_it_was_understood(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("order_id;ordered_at;amount\n1;03/04/2025;5,00\n2;04/05/2025;6,00\n")
    ran = call("inspect", tmp_path / "a.csv")
    assert ran.code == 3
    assert "fields separated by semicolon" in ran.words
    assert "orders: generic orders" in ran.words
    assert "PROBLEM the dates in 'ordered_at' may be DD/MM/YYYY or MM/DD/YYYY" in ran.words
    assert "--date-format orders=DD/MM/YYYY" in ran.words


def test_one_bad_file_does_not_hide_the_others(call: Call, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_bytes(b"%PDF-1.4")
    ran = call("inspect", tmp_path / "bad.csv", STEADY / "orders.csv")
    assert ran.code == 3
    assert "this is a PDF" in ran.words
    assert "1,969 read, 1,954 used" in ran.words


def test_files_that_do_not_go_together_are_told(call: Call, tmp_path: Path) -> None:
    for name, amount in (("one", 5), ("two", 6)):
        (tmp_path / f"{name}.csv").write_text(f"order_id,ordered_at,amount\n1,2025-03-04,{amount}\n")
    ran = call("inspect", tmp_path / "one.csv", tmp_path / "two.csv")
    assert ran.code == 3
    assert "Together the files can't be used" in ran.words


def test_months_without_orders_are_named(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("order_id,ordered_at,amount\n1,2025-01-04,5\n2,2025-04-05,6\n")
    assert "nothing in 2025-02, 2025-03" in call("inspect", tmp_path / "a.csv").words


def test_json_has_the_same(call: Call) -> None:
    found = call("inspect", EXPORTS / "shopify" / "orders_export.csv", "--format", "json").json
    file = found["files"][0]
    assert (file["role"], file["format"], file["header_line"]) == ("orders", "Shopify orders", 1)
    assert file["columns"]["phone"] == "Phone, Billing Phone, Shipping Phone"
    assert file["conventions"][0] == {"what": "ordered_at", "how": "YYYY-MM-DD", "settled_by": "its look"}
    assert file["samples"]["amount"] == ["45.00", "99.50", "64.00"]
    assert file["error"] is None
    assert {"check": "Plan", "reason": "no plan given: set plan: in the config, e.g. {2026: 1200000}"} in found[
        "not_judged"
    ]


def test_a_roster_has_no_months_to_miss(call: Call) -> None:
    words = call("inspect", EXPORTS / "hr-file" / "HRDataset.csv").words
    assert "7 Jan 2008 to" in words
    assert "no month missing" not in words


def test_a_sheet_for_two_roles_serves_the_one_that_is_free(call: Call, tmp_path: Path) -> None:
    (tmp_path / "both.csv").write_text("month,headcount,cash_balance\n2026-09,5,100\n2026-10,5,90\n")
    alone = call("inspect", tmp_path / "both.csv", "--format", "json").json["files"]
    assert [file["role"] for file in alone] == ["staffing", "cash"]
    beside = call("inspect", STEADY / "staffing.csv", tmp_path / "both.csv", "--format", "json").json["files"]
    assert sorted(file["role"] for file in beside) == ["cash", "staffing"]
