"""Which files are read, and how far: arguments, stdin, pipes, the config's inputs, --as-of."""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path

import pytest

from .running import SAMPLES, Call, Json, bash, findings, is_one_line, run

STEADY = SAMPLES / "steady"
ROLES = ("orders", "staffing", "cash")
NAMES = {role: STEADY / f"{role}.csv" for role in ROLES}


def figures(document: Json) -> Json:
    """All of a report but how its files were called."""
    return {**document, "inputs": [{**source, "path": ""} for source in document["inputs"]]}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with a config and its files elsewhere, named relative to the config."""
    folder = tmp_path / "shop"
    (folder / "exports").mkdir(parents=True)
    lines = NAMES["orders"].read_text().splitlines(keepends=True)
    half = len(lines) // 2
    (folder / "exports" / "orders-1.csv").write_text("".join(lines[:half]))
    (folder / "exports" / "orders-2.csv").write_text("".join([lines[0], *lines[half:]]))
    for role in ("staffing", "cash"):
        shutil.copy(NAMES[role], folder / f"{role}.csv")
    (folder / "shop.yaml").write_text(
        "inputs: {orders: exports/orders-*.csv, staffing: staffing.csv, cash: cash.csv}\n"
        "merchant: {category: consumables}\n"
    )
    return folder


# --- roles -----------------------------------------------------------------------------------------------------


def test_headers_tell_the_roles_in_any_order(call: Call) -> None:
    one = call("report", *NAMES.values(), "--format", "json").json
    other = call("report", *reversed(NAMES.values()), "--format", "json").json

    assert [source["role"] for source in one["inputs"]] == list(ROLES)
    assert one == other


def test_options_force_the_roles(call: Call) -> None:
    forced = [text for role, path in NAMES.items() for text in (f"--{role}", path)]

    assert call("report", *forced, "--format", "json").json == call("report", *NAMES.values(), "--format", "json").json


def test_a_forced_role_that_does_not_fit_names_what_is_missing(call: Call) -> None:
    ran = call("report", "--orders", NAMES["staffing"])

    assert ran.code == 3
    assert f"{NAMES['staffing']}:1: can't serve as the orders file" in ran.err
    assert "order id" in ran.err


def test_two_sheets_of_one_role_are_joined(call: Call, shop: Path) -> None:
    whole = call("report", *NAMES.values(), "--format", "json").json["facts"]
    header, *rows = (shop / NAMES["cash"]).read_text("utf-8").splitlines()
    for name, part in (("early.csv", rows[:9]), ("late.csv", rows[9:])):
        (shop / name).write_text("\n".join([header, *part]) + "\n", "utf-8")

    ran = call("report", NAMES["orders"], NAMES["staffing"], shop / "early.csv", shop / "late.csv", "--format", "json")

    assert ran.json["facts"] == whole


def test_sheets_at_odds_are_refused(call: Call, shop: Path) -> None:
    first, second, *_ = (shop / NAMES["cash"]).read_text("utf-8").splitlines()
    (shop / "other.csv").write_text(f"{first}\n{second.replace('.', '1.', 1)}\n", "utf-8")

    ran = call("report", *NAMES.values(), shop / "other.csv")

    assert ran.code == 3
    assert "other.csv tells another cash balance for 20" in ran.err


def test_orders_may_be_given_again_and_again(call: Call, shop: Path) -> None:
    parts = [text for path in sorted((shop / "exports").iterdir()) for text in ("--orders", path)]
    whole = call("report", NAMES["orders"], "--format", "json").json["facts"]

    assert call("report", *parts, "--format", "json").json["facts"] == whole


def test_arguments_are_literal(call: Call, shop: Path) -> None:
    ran = call("report", shop / "exports" / "*.csv")

    assert ran.code == 3
    assert "cannot open it" in ran.err


def test_no_orders_file_is_said_so(call: Call) -> None:
    ran = call("report", NAMES["staffing"], NAMES["cash"])

    assert ran.code == 3
    assert "no orders file given" in ran.err


@pytest.mark.parametrize(
    "name", ["{0}", "{0}/nowhere.csv", "http://127.0.0.1:9/orders.csv", "/dev/null", "a\nb\x1b.csv"]
)
def test_what_cannot_be_read_is_named_in_one_line(call: Call, tmp_path: Path, name: str) -> None:
    ran = call("report", name.format(tmp_path))

    assert (ran.code, ran.out) == (3, "")
    assert is_one_line(ran.err)
    assert "\x1b" not in ran.err
    assert name.format(tmp_path).split("\n", maxsplit=1)[0] in ran.err


# --- stdin, pipes, packed files --------------------------------------------------------------------------------


def test_a_dash_is_stdin() -> None:
    data = NAMES["orders"].read_bytes()
    piped = run("report", "-", "--format", "json", stdin=data)
    named = run("report", NAMES["orders"], "--format", "json")

    assert figures(piped.json) == figures(named.json)
    assert piped.json["inputs"][0]["path"] == "-"


def test_an_empty_stdin_is_refused() -> None:
    ran = run("report", "-")

    assert ran.code == 3
    assert "the file is empty" in ran.err


def test_process_substitution_works(call: Call, tmp_path: Path) -> None:
    script = 'merchant-check report <(cat "$ORDERS") <(gzip -c "$STAFFING") --format json'
    ran = bash(script, tmp_path, ORDERS=str(NAMES["orders"]), STAFFING=str(NAMES["staffing"]))

    assert ran.err == ""
    assert ran.json["facts"] == call("report", NAMES["orders"], NAMES["staffing"], "--format", "json").json["facts"]


def test_gzip_is_told_by_its_bytes(call: Call, tmp_path: Path) -> None:
    for name in ("orders.csv.gz", "orders.csv"):
        (tmp_path / name).write_bytes(gzip.compress(NAMES["orders"].read_bytes()))
    one, other = (call("report", tmp_path / name, "--format", "json").json for name in ("orders.csv.gz", "orders.csv"))

    assert figures(one) == figures(other)
    assert one["facts"]["totals"]["orders"] > 1000


def test_inputs_are_only_read(call: Call, tmp_path: Path, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}

    call("report", "-c", shop / "shop.yaml")

    assert {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()} == before
    assert os.listdir(tmp_path) == ["shop"]


# --- the config's inputs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [".", "shop", "/"])
def test_inputs_are_relative_to_the_config(call: Call, shop: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.chdir(shop.parent / place)

    ran = call("report", "-c", os.path.relpath(shop / "shop.yaml"), "--format", "json")

    assert ran.code == 0
    assert [Path(source["path"]).name for source in ran.json["inputs"]] == [
        "orders-1.csv", "orders-2.csv", "staffing.csv", "cash.csv"
    ]  # fmt: skip


def test_files_on_the_command_line_win(call: Call, shop: Path, orders: Path) -> None:
    read = call("report", orders, "-c", shop / "shop.yaml", "--format", "json").json["inputs"]

    assert [source["path"] for source in read if source["role"] == "orders"] == [str(orders)]


def test_a_pattern_without_a_file_is_said_so(call: Call, shop: Path) -> None:
    (shop / "shop.yaml").write_text("inputs: {orders: exports/sales-*.csv}\n")

    ran = call("report", "-c", shop / "shop.yaml")

    assert ran.code == 3
    assert f"{shop}/shop.yaml: no file matches 'exports/sales-*.csv'" in ran.err


def test_a_config_without_inputs_needs_files(call: Call, tmp_path: Path) -> None:
    config = tmp_path / "shop.yaml"
    config.write_text("merchant: {name: Lumen}\n")

    ran = call("report", "-c", config)

    assert ran.code == 3
    assert "no files given" in ran.err


def test_a_missing_config_is_named(call: Call, orders: Path) -> None:
    ran = call("report", orders, "-c", "nowhere.yaml")

    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("merchant-check: nowhere.yaml: cannot read the config: No such file or directory; ")


def test_all_mistakes_of_a_config_are_printed_at_once(call: Call, orders: Path, tmp_path: Path) -> None:
    config = tmp_path / "shop.yaml"
    config.write_text(
        "merchant:\n"
        "  curency: EUR\n"
        "checks:\n"
        "  growth-pace: {waring: 0.2}\n"
        "  runway: {warning: 3, critical: 6}\n"
        "  newcomers:\n"
        "    warning: often\n"
        "report: {fail_on: no}\n"
    )

    ran = call("report", orders, "-c", config)

    places = [line.split(": ")[1] for line in ran.err.splitlines()]
    assert [place.removeprefix(f"{config}:").split(":")[0] for place in places] == ["2", "4", "5", "7", "8"]
    assert all(place.count(":") == 2 for place in places)
    assert "did you mean" in ran.err.splitlines()[0]
    assert "currency" in ran.err.splitlines()[0]
    assert "did you mean" in ran.err.splitlines()[1]
    assert (ran.code, ran.out) == (3, "")


# --- --as-of ---------------------------------------------------------------------------------------------------


def test_as_of_cuts_every_input(call: Call) -> None:
    document = call("report", *NAMES.values(), "--as-of", "2026-03-31", "--format", "json").json

    assert (document["as_of"], document["complete_to"]) == ("2026-03-31", "2026-03")
    assert document["facts"]["totals"]["last_day"] <= "2026-03-31"
    assert max(month["month"] for month in document["facts"]["months"]) == "2026-03"
    assert all(source["last"] <= "2026-03-31" for source in document["inputs"])
    assert all(item["window"]["to"] <= "2026-03" for item in findings(document).values() if item["window"])


def test_as_of_says_what_it_cut(call: Call) -> None:
    orders = call("report", NAMES["orders"], "--as-of", "2026-03-31", "--format", "json").json["inputs"][0]

    cut = {item["reason"]: item["rows"] for item in orders["left_out"]}
    assert cut["after as_of"] > 0
    assert orders["rows_read"] == orders["rows_used"] + sum(cut.values())


def test_as_of_gives_what_the_report_said_then(call: Call, orders: Path, tmp_path: Path) -> None:
    header, *rows = orders.read_text().splitlines()
    then = tmp_path / "then" / "orders.csv"
    then.parent.mkdir()
    then.write_text("\n".join([header, *(row for row in rows if row.split(",")[2] <= "2026-03-31")]) + "\n")
    epoch = "1774915200"  # 31 March 2026

    now = call("report", orders, "--as-of", "2026-03-31", "--format", "json").json
    earlier = call("report", then, "--as-of", "2026-03-31", "--format", "json", SOURCE_DATE_EPOCH=epoch).json

    assert now["subjects"] == earlier["subjects"]
    assert now["facts"] == earlier["facts"]


@pytest.mark.parametrize(
    "day",
    ["2026-13-01", "2026-02-30", "31.10.2026", "10/31/2026", "yesterday", "2026-10", "2026-10-31T12:00", "20261301"],
)
def test_a_bad_day_is_refused(call: Call, orders: Path, day: str) -> None:
    ran = call("report", orders, "--as-of", day)

    assert (ran.code, ran.out) == (3, "")
    assert f"'{day}'" in ran.err
    assert "YYYY-MM-DD" in ran.err


def test_a_day_before_the_first_order_is_refused(call: Call, orders: Path) -> None:
    ran = call("report", orders, "--as-of", "2020-01-01")

    assert ran.code == 3
    assert "no orders are left to judge (300 after as_of)" in ran.err


def test_a_day_in_the_future_is_refused(call: Call, orders: Path) -> None:
    ran = call("report", orders, "--as-of", "2026-12-31")

    assert ran.code == 3
    assert "2026-12-31 is in the future" in ran.err
