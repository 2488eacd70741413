"""The simulated shops: their truths, the road of their exports, a small run of the measurement, and its document."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from statistics import mean

import polars as pl
import pytest

from benchmarks.validation import accuracy, alarms
from benchmarks.validation.model import month_of, repeat_days
from benchmarks.validation.population import any_shop, healthy
from benchmarks.validation.road import findings_of, shop_of
from benchmarks.validation.run import DOCUMENT, fingerprint
from benchmarks.validation.simulate import export, months_back, simulate
from merchant_check.facts import first_day, last_day
from merchant_check.read.account import ReadSettings
from merchant_check.read.files import File
from merchant_check.report import Status
from merchant_check.review import Request, review

MID = (500.0, 2_000.0)


# --- the truth is that of the model ---------------------------------------------------------------------------


def test_a_long_draw_agrees_with_the_closed_forms() -> None:
    model = any_shop(5, MID, (1.0, 1.3), 3.0)
    rng = random.Random(1)
    visits = [repeat_days(model, model.loyalty, 0, rng) for _ in range(20_000)]
    year = model.index(model.days[365])
    again = mean(bool(days) and days[0] <= year for days in visits)
    assert again == pytest.approx(model.loyalty.again(model.clock[year] - model.clock[0]), abs=0.01)
    orders = mean(map(len, visits))
    assert orders == pytest.approx(model.repeats(model.clock[-1] - model.clock[0]), rel=0.04)


def test_a_life_has_the_orders_and_the_repeat_share_that_the_model_expects() -> None:
    model = replace(healthy(3, (20_000.0, 20_001.0)), guests=0.0)
    rows = simulate(model).rows
    first, last = first_day(month_of(model.as_of) - 12), last_day(month_of(model.as_of) - 1)
    window = rows.filter(rows["day"].is_between(first, last))
    firsts = rows.group_by("customer").agg(first=pl.col("day").min())
    repeat = window.join(firsts, on="customer").filter(pl.col("day") > pl.col("first"))
    assert repeat.height / window.height == pytest.approx(model.repeat_share(first, last), abs=0.015)
    assert window.height == pytest.approx(model.orders_a_year, rel=0.1)


def test_the_same_model_gives_the_same_life() -> None:
    model = healthy(2, MID)
    assert simulate(model).rows.equals(simulate(model).rows)
    assert not simulate(model).rows.equals(simulate(replace(model, seed=9)).rows)


# --- the road -------------------------------------------------------------------------------------------------


def test_a_shop_written_to_files_and_reviewed_has_the_same_findings(tmp_path: Path) -> None:
    model = healthy(4, MID)
    given = export(simulate(model), months_back(model.as_of, 24), model.as_of)
    files = [File(str(path), path.name) for path in given.write(tmp_path)]
    read = review(Request(files, ReadSettings(model.as_of, as_of=model.as_of), shop=shop_of(given)))
    direct = findings_of(given)
    assert {each.id: (each.status, each.reason, each.quality) for each in read.findings} == {
        name: (each.status, each.reason, each.quality) for name, each in direct.items()
    }
    for each in read.findings:
        for part, own in zip(each.parts, direct[each.id].parts, strict=True):
            assert part.value == (own.value if own.value is None else pytest.approx(own.value, rel=1e-4))  # cents


# --- a small run ----------------------------------------------------------------------------------------------


def test_whole_lives_have_no_bias_and_windows_are_no_higher_than_the_truth() -> None:
    rows = [row for seed in accuracy.seeds(3, 7) for row in accuracy.measure(seed, "steady")]
    for check in ("second-order", "repeat-share"):
        given = [row for row in rows if row.check == check and row.value is not None]
        whole = [row for row in given if row.whole]
        window = [row for row in given if not row.whole and row.months >= 24]
        assert abs(mean((row.value or 0) - row.truth for row in whole)) < 0.02
        assert mean(row.low <= row.truth <= row.high for row in whole) >= 0.75
        assert -0.2 < mean((row.value or 0) - row.truth for row in window) <= 0.01
    bounds = [row for row in rows if row.check == "repeat-share" and not row.whole and row.months == 36]
    assert mean(row.low <= row.truth <= row.high for row in bounds) >= 0.75


def test_healthy_shops_are_hardly_warned_and_never_alarmed() -> None:
    shops = [alarms.alarms(seed, MID) for seed in alarms.seeds(8, 7)]
    statuses = [status for shop in shops for status in shop.statuses.values() if status is not None]
    assert Status.CRITICAL not in statuses
    assert statuses.count(Status.WARNING) <= 0.05 * len(statuses)
    assert statuses.count(Status.OK) >= 0.6 * len(statuses)  # not silent for want of judging


@pytest.mark.parametrize("kind", alarms.TROUBLES)
def test_planted_trouble_is_found_within_three_months(kind: str) -> None:
    shops = [alarms.trouble(seed, kind) for seed in alarms.seeds(1, 7)]
    assert all(shop.found for shop in shops)
    assert not any(shop.before for shop in shops)


# --- the document ---------------------------------------------------------------------------------------------


def test_the_document_is_of_these_lines_and_this_simulator() -> None:
    assert fingerprint() in DOCUMENT.read_text("utf-8"), "run python benchmarks/validation/run.py --write"
