"""Customers: one person under any spelling of an e-mail or phone, and guests are nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from .reading import HEADER, count, customers, fingerprints, read, reasons, revenue


def bought_by(folder: Path, header: str, *written: str) -> list[int | None]:
    """The customers behind these cells."""
    rows = "".join(f'{number},2024-01-{number + 1:02},5,"{cell}"\n' for number, cell in enumerate(written))
    return customers(read(folder, f"order_id,ordered_at,amount,{header}\n{rows}"))


def test_an_e_mail_is_the_same_in_any_case_and_with_blanks_around(tmp_path: Path) -> None:
    assert (
        bought_by(tmp_path, "email", "Ann@Shop.com", " ann@shop.com ", "ANN@SHOP.COM")
        == fingerprints("ann@shop.com") * 3
    )
    assert bought_by(tmp_path, "customer_id", "Ann@Shop.com", "ann@shop.com") == fingerprints("ann@shop.com") * 2


def test_a_customer_id_keeps_its_case(tmp_path: Path) -> None:
    assert bought_by(tmp_path, "customer_id", "aB1", " aB1", "ab1", "007", "7") == fingerprints(
        "aB1", "aB1", "ab1", "007", "7"
    )


def test_a_phone_is_its_digits(tmp_path: Path) -> None:
    first, second, third, none = bought_by(tmp_path, "phone", "+49 (30) 1-2", "493012", "'4930.12", "---")
    assert first == second == third
    assert none is None


def test_the_e_mail_comes_first_then_the_id_then_the_phone(tmp_path: Path) -> None:
    text = "order_id,ordered_at,amount,phone,customer_id,email\n"
    text += (
        "1,2024-01-01,5,55,7,a@x\n2,2024-01-02,5,55,7,\n3,2024-01-03,5,55,,-\n4,2024-01-04,5,,,\n5,2024-01-05,5,7,,\n"
    )
    assert customers(read(tmp_path, text)) == fingerprints("a@x", "7", "phone 55", None, "phone 7")


@pytest.mark.parametrize("header", ["email", "customer_id"])
@pytest.mark.parametrize(
    "nobody", ["", " ", "-", "--", "n/a", "NA", "NULL", "None", "Guest", "guest ", "ANONYMOUS", "unknown"]
)
def test_a_guest_is_nobody(tmp_path: Path, header: str, nobody: str) -> None:
    assert bought_by(tmp_path, header, nobody, "ann") == fingerprints(None, "ann")


def test_guests_count_as_orders_and_are_noted(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + "1,,2024-01-01,5\n2,guest,2024-01-02,5\n3,ann,2024-01-03,5\n")
    assert (count(found), revenue(found)) == (3, 15)
    assert any(note.startswith("2 orders without a customer") for note in found.inputs[0].notes)


def test_without_a_customer_column_there_are_no_customers_and_no_note(tmp_path: Path) -> None:
    found = read(tmp_path, "order_id,ordered_at,amount\n1,2024-01-01,5\n")
    assert not found.has_customers
    assert found.inputs[0].notes == ()
    assert reasons(found.inputs[0].left_out) == {}
