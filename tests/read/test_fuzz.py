"""A few hundred inputs of tests/fuzz.py: damaged files end in figures or in a UserError, good ones in right figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import KINDS, failures

SEED = 300
INPUTS, AT_ONCE = 300, 50


@pytest.mark.parametrize("first", range(0, INPUTS, AT_ONCE))
def test_any_file_is_read_right_or_refused(tmp_path: Path, first: int) -> None:
    kinds, failed = failures(SEED, range(first, first + AT_ONCE), tmp_path)
    assert len(kinds) > 1
    assert [(number, found.signature, case.data[:200]) for number, case, found in failed] == []


def test_every_kind_of_input_has_a_weight() -> None:
    assert all(weight > 0 for weight, _ in KINDS)
