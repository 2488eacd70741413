"""--history keeps runs and tells what has changed, --changes-only speaks up only then, `history` shows them all."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from merchant_check import history as store
from merchant_check.report import Status

from .running import COMMAND, SAMPLES, Call, Json, Ran, days, environment, findings, is_one_line, run, write_orders

FIRST, FORTNIGHT = date(2026, 10, 25), 14
OPENED = date(2024, 9, 1)
STEADY = [SAMPLES / "steady" / f"{role}.csv" for role in ("orders", "staffing", "cash")]
LATER = (0, 8, 40, 75, 90)  # how many fives of orders later a customer comes back


@dataclass(frozen=True)
class Shop:
    """A shop whose files grow by a day's order each day; on some days its team or its cash come to differ."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "history.db"

    def on(self, day: date) -> list[Path]:
        """The files as they stand on a day."""
        count = (day - OPENED).days + 1
        customers = [f"c{number // 5 - LATER[number % 5]}" for number in range(count)]
        orders = write_orders(self.folder / "orders.csv", days(OPENED, day, count), customers)
        hires = 5 if date(2026, 10, 28) <= day < date(2026, 11, 2) else 0  # a slip of the pen, mended on 2 November
        staffing = self._monthly("staffing.csv", "headcount,hires", lambda at: f"10,{hires * (at == 23)}")
        if day < date(2026, 11, 5):
            return [orders, staffing]
        return [
            orders,
            staffing,
            self._monthly("cash.csv", "cash_balance,financing", lambda at: f"{28_000 - 1000 * at},0"),
        ]

    def _monthly(self, name: str, columns: str, row: Callable[[int], str]) -> Path:
        labels = [f"{2024 + number // 12}-{number % 12 + 1:02d}" for number in range(8, 33)]
        rows = [f"{label},{row(number)}" for number, label in enumerate(labels)]
        (self.folder / name).write_text("\n".join([f"month,{columns}", *rows]) + "\n")
        return self.folder / name


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def noon(day: date) -> str:
    return str(int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()))


def watched(call: Call, shop: Shop, day: date, *options: str | Path) -> Ran:
    arguments = ("--history", shop.file, "--changes-only", "--quiet", *options)
    return call("report", *shop.on(day), *arguments, SOURCE_DATE_EPOCH=noon(day))


def statuses(report: Json) -> dict[str, str]:
    return {check: found["status"] for check, found in findings(report).items()}


# --- day by day


def test_a_fortnight_of_cron_speaks_on_the_days_a_status_turned(call: Call, shop: Shop) -> None:
    before: dict[str, str] = {}
    spoke: list[date] = []
    for day in (FIRST + timedelta(days=number) for number in range(FORTNIGHT)):
        plain = call("report", *shop.on(day), "--format", "json", SOURCE_DATE_EPOCH=noon(day))
        now = statuses(plain.json)

        ran = watched(call, shop, day)

        assert bool(ran.out) is (now != before), day
        assert ran.code == (plain.code if now != before else 0), day
        assert ran.err == ""
        spoke += [day] if ran.out else []
        before = now
    assert len(spoke) <= 5
    assert {FIRST, date(2026, 10, 28), date(2026, 11, 2), date(2026, 11, 5)} <= set(spoke)


def test_what_it_says_on_each_of_them(call: Call, shop: Shop) -> None:
    first = watched(call, shop, date(2026, 10, 27))
    worse = watched(call, shop, date(2026, 10, 28))
    better = watched(call, shop, date(2026, 11, 2))
    critical = watched(call, shop, date(2026, 11, 5))

    assert "SINCE THE LAST RUN\n No earlier run to compare with.\n" in first.out
    assert "Since 27 Oct 2026: 2 checks turned, grade A → C." in worse.words
    assert "▲ Newcomers: ok → warning, 0% → 50%" in worse.words
    assert "✔ Newcomers: warning → ok, 50% → 0%" in better.words
    assert "✖ Runway: skipped → critical" in critical.words
    assert [ran.code for ran in (first, worse, better, critical)] == [0, 1, 0, 2]


def test_the_same_day_again_says_the_same(call: Call, shop: Shop) -> None:
    """Were a run its own baseline, the second one would be silent."""
    watched(call, shop, date(2026, 10, 27))
    ran = [watched(call, shop, date(2026, 10, 28)) for _ in range(3)]

    assert ran[0].code == 1
    assert ran[0] == ran[1] == ran[2]
    assert len(store.all_runs(shop.file)) == 2


def test_a_first_run_again_is_still_a_first_run(call: Call, shop: Shop) -> None:
    assert watched(call, shop, FIRST).out == watched(call, shop, FIRST).out != ""


def test_monitoring_is_not_told_of_changes_only(call: Call, shop: Shop) -> None:
    ran = call("report", *shop.on(FIRST), "--history", shop.file, "--changes-only", "--format", "nagios")
    assert (ran.code, shop.file.exists()) == (3, False)
    assert "leave --changes-only out" in ran.err


def test_an_export_that_stopped_breaks_the_silence_once(call: Call, shop: Shop) -> None:
    for day in (FIRST, FIRST + timedelta(days=1)):
        watched(call, shop, day, "--stale-after", "5")
    files = shop.on(FIRST + timedelta(days=1))
    options = ("--history", shop.file, "--changes-only", "--stale-after", "5")

    def after(age: int) -> Ran:
        today = noon(FIRST + timedelta(days=1 + age))
        return call("report", *files, *options, SOURCE_DATE_EPOCH=today)

    assert [(age, after(age).code) for age in (1, 5, 6, 7)] == [(1, 0), (5, 0), (6, 1), (7, 0)]
    assert "▲ Age of orders: ok → warning, 5 → 6 days" in after(6).words


def test_a_waiver_that_ends_breaks_the_silence(call: Call, shop: Shop) -> None:
    config = shop.folder / "shop.yaml"
    accepted = ", ".join(f"{{check: {check}, until: 2026-10-29, reason: x}}" for check in ("newcomers", "turnover"))
    config.write_text(f"waivers: [{accepted}]\n")
    ran = [watched(call, shop, date(2026, 10, day), "-c", config) for day in (27, 28, 29, 30, 31)]

    assert [(each.code, bool(each.out)) for each in ran] == [(0, True), (0, True), (0, False), (1, True), (0, False)]
    assert "▲ Newcomers: the waiver has ended" in ran[3].words


def test_what_could_not_be_judged_is_never_hidden(call: Call, thin_orders: Path) -> None:
    options = ("--history", thin_orders.parent / "h.db", "--changes-only")
    call("report", thin_orders, *options, "--as-of", "2026-10-30")

    ran = call("report", thin_orders, *options)

    assert (ran.code, ran.out) == (3, "")
    assert "no check could be judged" in ran.err


def test_fail_on_decides_the_code_of_a_change(call: Call, shop: Shop) -> None:
    watched(call, shop, date(2026, 10, 27))

    ran = watched(call, shop, date(2026, 10, 28), "--fail-on", "critical")

    assert ran.code == 0
    assert "ok → warning" in ran.words


def test_output_is_written_also_without_a_change(call: Call, shop: Shop) -> None:
    watched(call, shop, FIRST)
    card = shop.folder / "card.json"

    ran = watched(call, shop, FIRST + timedelta(days=1), "--output", card)

    assert (ran.code, ran.out) == (0, "")
    assert '"changes": []' in card.read_text()


def test_two_shops_share_a_file(call: Call, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(f"merchant: {{name: {name}}}\nreport: {{history: h.db}}\n")
    for name in ("a", "b", "a"):
        assert call("report", *STEADY, "-c", tmp_path / f"{name}.yaml").code == 0

    shown = call("history", tmp_path / "h.db", "--format", "json").json
    assert [(each["merchant"], len(each["runs"])) for each in shown["merchants"]] == [("a", 1), ("b", 1)]


def test_runs_that_overlap_are_all_kept(shop: Shop) -> None:
    files = shop.on(FIRST)
    as_of = [str(FIRST - timedelta(days=back)) for back in (0, 0, 1, 2)]
    running = [
        subprocess.Popen(
            [*COMMAND, "report", *map(str, files), "--history", str(shop.file), "--as-of", day, "--quiet"],
            env=environment(SOURCE_DATE_EPOCH=noon(FIRST)),
        )
        for day in as_of
    ]

    assert [process.wait(60) for process in running] == [0] * 4
    assert [str(each.as_of) for each in store.all_runs(shop.file)] == sorted(set(as_of))
    assert sorted(os.listdir(shop.folder)) == ["history.db", "orders.csv", "staffing.csv"]


# --- the formats


def test_json_tells_the_changes_only_with_a_history(call: Call, shop: Shop) -> None:
    watched(call, shop, date(2026, 10, 27))
    files, epoch = shop.on(date(2026, 10, 28)), noon(date(2026, 10, 28))

    told = call("report", *files, "--history", shop.file, "--format", "json", SOURCE_DATE_EPOCH=epoch).json
    untold = call("report", *files, "--format", "json", SOURCE_DATE_EPOCH=epoch).json

    turned = [(check, "ok", "warning") for check in ("newcomers", "turnover")]
    assert [(each["check"], each["from"], each["to"]) for each in told["changes"]] == turned
    assert told["since"] == {"as_of": "2026-10-27", "grade": "A"}
    assert {"since", "changes", "moved_most"} == told.keys() - untold.keys()


def test_without_a_baseline_every_check_comes_from_nowhere(call: Call, tmp_path: Path) -> None:
    told = call("report", *STEADY, "--history", tmp_path / "h.db", "--format", "json").json

    assert told["since"] is None
    assert {each["from"] for each in told["changes"]} == {None}
    assert {each["check"] for each in told["changes"]} >= findings(told).keys()


def test_markdown_tells_it_too(call: Call, shop: Shop) -> None:
    watched(call, shop, date(2026, 10, 27))

    ran = watched(call, shop, date(2026, 10, 28), "--format", "markdown")

    assert "\n## Since the last run\n\nSince 27 Oct 2026: 2 checks turned, grade A → C.\n" in ran.out
    assert "\n- ▲ **Newcomers** ok → warning, 0% → 50%\n" in ran.out


@pytest.mark.parametrize("form", ["html", "nagios", "prometheus"])
def test_the_other_formats_go_on_as_before(call: Call, tmp_path: Path, form: str) -> None:
    plain = call("report", *STEADY, "--format", form)

    assert call("report", *STEADY, "--format", form, "--history", tmp_path / "h.db") == plain


# --- when a run is kept


def test_a_run_is_kept_only_after_its_delivery(call: Call, tmp_path: Path) -> None:
    ran = call("report", *STEADY, "--history", tmp_path / "h.db", "--output", tmp_path / "nowhere" / "card.txt")

    assert ran.code == 3
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("target", ["/dev/full", "closed pipe"])
def test_nor_when_nobody_could_read_it(tmp_path: Path, target: str) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    out = theirs if target == "closed pipe" else os.open(target, os.O_WRONLY)

    run("report", *STEADY, "--history", tmp_path / "h.db", stdout=out)

    assert os.listdir(tmp_path) == []


def test_a_run_that_can_not_be_kept_is_told_after_its_report(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "h.db"
    call("report", *STEADY, "--history", file, "--as-of", "2026-09-30")
    monkeypatch.setattr(store, "PATIENCE", 0.05)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("begin immediate")

    ran = call("report", *STEADY, "--history", file, "--format", "json")

    other.close()
    assert ran.code == 3
    assert ran.json["exit_code"] == 0
    assert ran.err.startswith(f"merchant-check: {file}: another run is writing to it; ")


@pytest.mark.parametrize("make", ["text", "folder", "an input", "the output"])
def test_what_is_no_history_is_refused_and_kept(call: Call, tmp_path: Path, orders: Path, make: str) -> None:
    file = {"an input": orders, "folder": tmp_path}.get(make, tmp_path / "h.db")
    if make == "text":
        file.write_text("notes\n")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    output = ("--output", f"{tmp_path}/./h.db") if make == "the output" else ()

    ran = call("report", orders, "--history", file, *output)

    assert (ran.code, ran.out) == (3, "")
    assert is_one_line(ran.err)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_changes_only_needs_a_history(call: Call, orders: Path) -> None:
    ran = call("report", orders, "--changes-only")

    assert ran.code == 3
    assert "--changes-only compares with the last run, and none is kept; add --history FILE" in ran.err


def test_the_configured_history_stands_beside_the_config(call: Call, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("report: {history: past.db}\n")

    assert call("report", *STEADY, "-c", tmp_path / "shop.yaml", "--changes-only").code == 0
    assert sorted(os.listdir(tmp_path)) == ["past.db", "shop.yaml"]
    call("report", *STEADY, "-c", tmp_path / "shop.yaml", "--history", tmp_path / "other.db")
    assert sorted(os.listdir(tmp_path)) == ["other.db", "past.db", "shop.yaml"]


def test_neither_customers_nor_paths_are_kept(call: Call, orders: Path) -> None:
    file = orders.parent / "h.db"
    call("report", orders, "--history", file)
    kept = [value for run in store.all_runs(file) for value in (run.merchant, *run.standings)]

    assert not [value for value in kept if "orders.csv" in str(value) or "c42" in str(value)]
    assert b"orders.csv" not in file.read_bytes()


# --- merchant-check history


def test_history_shows_each_check_over_time(call: Call, shop: Shop) -> None:
    for day in (27, 28, 29):
        watched(call, shop, date(2026, 10, day))

    ran = call("history", shop.file)

    assert ran.code == 0
    assert ran.out.startswith("Your shop\n3 runs, 27 Oct 2026 to 29 Oct 2026; grade C since 28 Oct 2026\n")
    assert "▲ Newcomers 50% ▁██ warning since 28 Oct 2026" in ran.words
    assert "✔ Growth pace" in ran.out
    assert "Judged in no run: Over-hiring" not in ran.out
    assert "Runway" in ran.words.partition("Judged in no run:")[2]


@pytest.mark.parametrize("columns", ["72", "80", "140"])
@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_history_keeps_to_the_width(call: Call, tmp_path: Path, columns: str, locale: str) -> None:
    for number in range(70):
        standing = store.Standing("inventory", "Inventory", Status.WARNING, True, -0.1 * number, "points", 0.1)
        day = date(2026, 8, 1) + timedelta(days=number)
        store.save(tmp_path / "h.db", store.Run("Lädchen", day, day, None, Status.OK, "A", (standing,)))

    out = call("history", tmp_path / "h.db", COLUMNS=columns, LC_ALL=locale).out

    assert max(map(len, out.splitlines())) <= int(columns)
    assert out.isascii() is (locale == "C")


def test_history_as_json_has_every_run(call: Call, shop: Shop) -> None:
    for day in (27, 28):
        watched(call, shop, date(2026, 10, day))

    (merchant,) = call("history", shop.file, "--format", "json").json["merchants"]

    assert [(run["as_of"], run["complete_to"], run["grade"]) for run in merchant["runs"]] == [
        ("2026-10-27", "2026-09", "A"),
        ("2026-10-28", "2026-09", "C"),
    ]
    newcomers = next(found for found in merchant["runs"][1]["findings"] if found["check"] == "newcomers")
    assert (newcomers["title"], newcomers["status"], newcomers["waived"]) == ("Newcomers", "warning", False)
    assert (newcomers["value"], newcomers["unit"]) == (0.5, "share")


@pytest.mark.parametrize("make", ["nothing", "empty", "text"])
def test_history_of_no_history_is_refused(call: Call, tmp_path: Path, make: str) -> None:
    file = tmp_path / "h.db"
    if make != "nothing":
        file.write_text("notes\n" if make == "text" else "")

    ran = call("history", file, "--format", "json")

    assert ran.code == 3
    assert is_one_line(ran.err)
    assert ran.json["error"]["file"] == str(file)


def test_one_run_is_one_run(call: Call, shop: Shop) -> None:
    call("report", *shop.on(FIRST), "--history", shop.file)
    assert call("history", shop.file).out.startswith("Your shop\n1 run, ")
