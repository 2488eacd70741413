"""However rows are held and whatever fingerprints they share by chance, the facts are the same, and the oracle's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merchant_check.read import held, order_rows, orders, table

from .shops import Invented, facts_of, shops
from .test_invariance import day_of

PROPERTY = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
NONE = 0  # bytes of memory: all rows go to disk


@pytest.fixture
def tiny_parts() -> Iterator[None]:
    """Parts of a few rows each, so that a small shop has many of them."""
    with patch.object(held, "PART_ROWS", 3), patch.object(orders, "ROUND_PARTS", 2):
        yield


def two_bits(text: pl.Expr) -> pl.Expr:
    """A fingerprint that many orders, and many customers, share."""
    return pl.when(text.is_not_null()).then(text.hash() % 4)


@PROPERTY
@given(shop=shops())
def test_parts_on_disk_give_the_same_facts(tmp_path: Path, tiny_parts: None, shop: Invented) -> None:
    assert facts_of(tmp_path, shop, memory=NONE) == facts_of(tmp_path, shop)


@PROPERTY
@given(shop=shops(), share=st.sampled_from([0.0, 1.0]))
def test_few_and_many_shared_ids_give_the_same_facts(tmp_path: Path, shop: Invented, share: float) -> None:
    usual = facts_of(tmp_path, shop)
    with patch.object(orders, "FEW", share):
        assert facts_of(tmp_path, shop) == usual
        assert facts_of(tmp_path, shop, memory=NONE) == usual


@PROPERTY
@given(shop=shops())
def test_rows_that_stream_give_the_same_facts(tmp_path: Path, shop: Invented) -> None:
    usual = facts_of(tmp_path, shop)
    with patch.object(held, "STREAMED", 0), patch.object(table, "MOST_FETCHED", 0):
        assert facts_of(tmp_path, shop) == usual
        assert facts_of(tmp_path, shop, memory=NONE) == usual


@PROPERTY
@given(shop=shops(), memory=st.sampled_from([NONE, 1 << 30]))
def test_shared_fingerprints_change_nothing(tmp_path: Path, shop: Invented, memory: int) -> None:
    usual = facts_of(tmp_path, shop)
    with patch.object(order_rows, "fingerprint", two_bits):
        assert facts_of(tmp_path, shop, memory=memory) == usual


@PROPERTY
@given(shop=shops())
def test_overlapping_files_on_disk_are_one(tmp_path: Path, tiny_parts: None, shop: Invented) -> None:
    days = sorted(day_of(row) for row in shop.rows)
    early, late = days[len(days) // 4], days[3 * len(days) // 4]
    older = shop.of(row for row in shop.rows if day_of(row) <= late).csv()
    newer = shop.of(row for row in shop.rows if day_of(row) >= early).csv()
    assert facts_of(tmp_path, shop, older, newer, memory=NONE) == facts_of(tmp_path, shop)
