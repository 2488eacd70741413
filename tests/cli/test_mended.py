"""Bugs that were found while testing the command line, each the smallest example of one: they stay mended.

Most belong to a sentence of 1-product or 5-reliability, which stands above it.
"""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from .running import (
    COMMAND,
    HEADER,
    SAMPLES,
    Call,
    bash,
    crashing,
    ctrl_c_works,
    days,
    edited,
    environment,
    findings,
    is_one_line,
    on_terminal,
    run,
    strict_json,
    write_orders,
)

STEADY = SAMPLES / "steady"
BOXES = "╭╮╰╯─│"


# --- "Ctrl-C 130" ------------------------------------------------------------------------------------------------


def test_ctrl_c_ends_the_wait_for_an_input(tmp_path: Path) -> None:
    """Importing polars makes blocked reads go on after a signal: `merchant-check report -` can't be stopped."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    with ctrl_c_works():
        process = subprocess.Popen(
            [*COMMAND, "report", "pipe.csv"],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    with pipe.open("wb"):  # opens once the command has opened its end
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            pytest.fail("it still waits, 5 seconds after Ctrl-C")

    assert process.returncode in (-signal.SIGINT, 130)  # a shell shows 130 for both
    assert (out, err) == (b"", b"")


# --- "an uncaught exception exits 1: must become 3", "never a traceback" -----------------------------------------


def test_a_panic_of_polars_is_3() -> None:
    """polars' PanicException is a BaseException, so `except Exception` does not see it."""
    panic = "type('PanicException', (BaseException,), {})('called `Option::unwrap()`')"

    ran = run("demo", command=crashing(panic))

    assert (ran.code, ran.out) == (3, "")
    assert is_one_line(ran.err)


STREAMS = {
    "version, stdout full": ("--version >/dev/full", 3),
    "help, stdout full": ("--help >/dev/full", 3),
    "card, stdout full": ("demo >/dev/full", 3),
    "json, stdout full": ("demo --format json >/dev/full", 3),
    "card, stdout closed": ("demo >&-", 3),
    "json, stdout closed": ("demo --format json >&-", 3),
    "stderr closed": ("report nowhere.csv 2>&-", 3),
    "stderr full": ("report nowhere.csv 2>/dev/full", 3),
    "stdin closed": ("report - <&-", 3),
}


@pytest.mark.parametrize(("arguments", "code"), STREAMS.values(), ids=STREAMS)
def test_a_missing_or_full_stream_is_3_without_traceback(tmp_path: Path, arguments: str, code: int) -> None:
    ran = bash(f"merchant-check {arguments}", tmp_path)

    assert "Traceback" not in ran.err
    assert "internal error" not in ran.err
    assert ran.code == code


# --- "`| head` ends silently (141)" ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [("--help",), ("--version",), ("report", "nowhere.csv", "--format", "json")], ids=" ".join
)
def test_a_reader_that_left_is_141_for_every_command(arguments: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ran = run(*arguments, stdout=writer)
    finally:
        os.close(writer)

    assert ran.code in (3, 141) if "report" in arguments else ran.code == 141
    assert "Traceback" not in ran.err


# --- "Colour, box drawing and progress only on a terminal" -------------------------------------------------------


def test_a_pipe_gets_no_box_drawing(call: Call) -> None:
    assert not set(BOXES) & set(call("demo").out)


def test_a_terminal_gets_box_drawing() -> None:
    assert set(BOXES) <= set(on_terminal("demo").out)


# --- "LC_ALL=C: ASCII fallback, no crash" ------------------------------------------------------------------------


@pytest.mark.parametrize("env", [{}, {"LANG": "C"}, {"LANG": "POSIX"}], ids=["cron", "LANG=C", "LANG=POSIX"])
def test_no_locale_gets_ascii(env: dict[str, str]) -> None:
    """Python itself sets LC_CTYPE=C.UTF-8 in such an environment (PEP 538), which then looks like the user's wish."""
    assert run("demo", env=env).stdout.isascii()


def test_explain_in_the_c_locale_is_ascii(call: Call) -> None:
    assert call("explain", "runway", LC_ALL="C").stdout.isascii()


@pytest.mark.parametrize("name", ["naïve.csv", "x" * 400 + ".csv"], ids=["accent", "shortened"])
def test_an_error_in_the_c_locale_is_ascii(name: str) -> None:
    """Python reads and writes UTF-8 in the C locale (PEP 540), so stderr's encoding does not tell."""
    assert run("report", name, env=environment(LC_ALL="C")).stderr.isascii()


# --- "Control, escape and bidi characters never reach a terminal, a file or an error" ----------------------------


@pytest.mark.parametrize("name", ["a\u202eb.csv", "a\u009bb.csv", "a\u2028b.csv", os.fsdecode(b"a\xffb.csv")])
def test_the_file_of_an_error_object_is_cleaned(call: Call, name: str) -> None:
    ran = call("report", name, "--format", "json")

    shown = strict_json(ran.out)["error"]["file"]
    assert shown.isprintable()
    shown.encode("utf-8")


def test_a_hostile_currency_is_cleaned_in_json(call: Call, tmp_path: Path) -> None:
    orders = write_orders(tmp_path / "orders.csv", days(date(2024, 10, 1), date(2026, 10, 31), 40), ["c1", "c2"])
    rows = orders.read_text().splitlines()
    orders.write_text("\n".join([f"{rows[0]},currency", *(f"{row},E\u202eUR\u009b" for row in rows[1:])]) + "\n")

    ran = call("report", orders, "--format", "json")

    assert "\u202e" not in ran.out
    assert "\u009b" not in ran.out


# --- "no customer ids or e-mails in any output" ------------------------------------------------------------------

MISTAKES = {
    "no header row": lambda text: text.split("\n", 1)[1],
    "e-mails under amount": lambda text: text.replace(HEADER, "order_id,amount,ordered_at,customer_id"),
    "e-mails under the date": lambda text: text.replace(HEADER, "order_id,ordered_at,customer_id,amount"),
    "e-mails under the order id": lambda text: text.replace(HEADER, "customer_id,order_id,ordered_at,amount"),
    "a stray quote": lambda text: text.replace(",ana3@", ',"ana3@', 1),
}


@pytest.mark.parametrize("spoil", MISTAKES.values(), ids=MISTAKES)
def test_a_refusal_echoes_no_e_mail(call: Call, tmp_path: Path, spoil: Callable[[str], str]) -> None:
    when = days(date(2026, 1, 1), date(2026, 10, 31), 60)
    orders = write_orders(tmp_path / "orders.csv", when, [f"ana{number}@example.com" for number in range(20)])
    orders.write_text(spoil(orders.read_text()))

    ran = call("report", orders)

    assert ran.code == 3
    assert "@example.com" not in ran.out + ran.err


# --- "or stops with one clear line on stderr that names the file (and line, column, remedy)" ---------------------

STRAYS = {
    "in a field": lambda row: row.replace(",40", ',4"0'),
    "before a field": lambda row: row.replace(",40", ',"40'),
    "after a field": lambda row: row + '"',
    "after a quoted field": lambda row: row.replace(",40.00", ',"40.00" x'),
}


@pytest.mark.parametrize("spoil", STRAYS.values(), ids=STRAYS)
def test_a_stray_quote_names_file_and_line(
    call: Call, orders: Path, tmp_path: Path, spoil: Callable[[str], str]
) -> None:
    """polars' parser sees other records than the structure check and raises: 'internal error: ComputeError'."""
    broken = edited(orders, tmp_path / "broken.csv", 101, spoil)

    ran = call("report", broken)

    if "wrong number of fields or a stray quote" in ran.words or "unreadable amount 1 row (line 101)" in ran.words:
        return  # set aside and told
    assert ran.code == 3
    assert ran.err.startswith(f"merchant-check: {broken}:101: ")


@pytest.mark.parametrize("line", [2, 3])
def test_a_long_row_is_set_aside_wherever_it_stands(call: Call, orders: Path, tmp_path: Path, line: int) -> None:
    """A first row longer than the header: 'internal error: SchemaError'."""
    longer = edited(orders, tmp_path / "longer.csv", line, lambda row: row + ",more")

    ran = call("report", longer, "--format", "json")

    assert ran.json["inputs"][0]["rejected"][0]["lines"] == [line]


def test_gzip_needs_no_gigabytes(tmp_path: Path) -> None:
    """gzip's read(n) asks for n bytes beforehand, here 4 GiB: an internal MemoryError under any memory limit."""
    (tmp_path / "orders.csv.gz").write_bytes(gzip.compress((STEADY / "orders.csv").read_bytes()))

    ran = bash("ulimit -v 3000000; merchant-check report orders.csv.gz --only repeat-share", tmp_path)

    assert (ran.code, ran.err) == (0, "")


def test_many_columns_take_no_minutes(tmp_path: Path) -> None:
    """Time grows with the square of the columns: 500 take 1.8 s, 2,000 take 31 s, 20,000 never end."""
    wide = tmp_path / "wide.csv"
    names, cells = (",".join(f"{letter}{number}" for number in range(2000)) for letter in ("x", ""))
    wide.write_text("\n".join([f"{HEADER},{names}", *(f"{n},c{n},2026-10-{n:02},40,{cells}" for n in range(1, 11))]))
    process = subprocess.Popen(
        [*COMMAND, "report", wide], env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        assert process.wait(8) == 3
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        pytest.fail("2,000 columns take more than 8 seconds")


# --- "A row never disappears silently"; read = used + left out + rejected ----------------------------------------


@pytest.mark.parametrize("blank", ["   ", "\t", " , , , ", '"","","",""'])
def test_blank_lines_keep_the_books_balanced(call: Call, orders: Path, tmp_path: Path, blank: str) -> None:
    """A line of blanks is taken off rows_read, and then rejected as an order without an id as well."""
    gaps = edited(orders, tmp_path / "gaps.csv", 11, lambda row: f"{blank}\n{row}")

    document = call("report", gaps, "--format", "json").json

    source = document["inputs"][0]
    assert source["rows_used"] == document["facts"]["totals"]["orders"] == 300
    aside = sum(item["rows"] for item in source["rejected"] + source["left_out"])
    assert source["rows_read"] == source["rows_used"] + aside


# --- "Rows that can't be read (unparsable date or amount, …, year 0001/1900/9999) are set aside" -----------------


@pytest.mark.parametrize("day", ["2026-03-03T24:00:00", "2026-03-03 99:99", "2026-03-03T12:60", "1970-01-01"])
def test_an_impossible_time_is_rejected(call: Call, orders: Path, tmp_path: Path, day: str) -> None:
    bad = edited(orders, tmp_path / "bad.csv", 101, lambda row: ",".join([*row.split(",")[:2], day, "40.00"]))

    document = call("report", bad, "--format", "json").json

    if "error" not in document:
        assert document["inputs"][0]["rejected"] == [{"reason": "unreadable date", "rows": 1, "lines": [101]}]


@pytest.mark.parametrize("amount", ["(40.00)", "\u221240.00", "40.00-"])
def test_a_negative_amount_is_a_refund_however_written(call: Call, orders: Path, tmp_path: Path, amount: str) -> None:
    other = edited(orders, tmp_path / "other.csv", 101, lambda row: row.replace("40.00", amount))
    plain = edited(orders, tmp_path / "plain.csv", 101, lambda row: row.replace("40.00", "-40.00"))

    one, two = (call("report", path, "--format", "json").json["facts"] for path in (other, plain))

    assert one == two


# --- "complete month: lies between first day and as_of, allowing at each end the shop's usual gap" ---------------


def test_no_month_is_complete_before_it_began(call: Call, tmp_path: Path) -> None:
    """A shop that sells every six weeks: the allowance makes November 2026 complete on 31 October."""
    orders = write_orders(tmp_path / "orders.csv", days(date(2024, 9, 1), date(2026, 10, 31), 20), ["c1", "c2"])

    document = call("report", orders, "--format", "json").json

    assert document["complete_to"] <= document["as_of"][:7]


# --- "nothing graded on thin evidence", "Weak evidence warns, it never alarms" -----------------------------------


def test_a_dozen_customers_are_no_alarm(call: Call, tmp_path: Path) -> None:
    """One order a month, never the same customer twice: 12 customers and 480 of revenue make grade D, exit 2."""
    when = [date(2024 + month // 12, month % 12 + 1, 15) for month in range(8, 34)]
    orders = write_orders(tmp_path / "orders.csv", when, [f"c{number}" for number in range(26)])

    ran = call("report", orders, "--format", "json")

    assert findings(ran.json)["retained-revenue"]["status"] != "critical"
    assert ran.code != 2


# --- "refuse output = an input" ----------------------------------------------------------------------------------


def test_an_output_that_is_the_config_is_refused(call: Call, orders: Path, tmp_path: Path) -> None:
    config = tmp_path / "shop.yaml"
    config.write_text("merchant: {name: Lumen}\n")

    ran = call("report", orders, "-c", config, "--output", config)

    assert ran.code == 3
    assert config.read_text() == "merchant: {name: Lumen}\n"


def test_dev_stdout_survives_as_an_output(tmp_path: Path) -> None:
    """/dev/stdout is a symlink: for root, `--output /dev/stdout >file` replaces it for the whole machine."""
    link = tmp_path / "stdout"
    link.symlink_to("/proc/self/fd/1")

    ran = bash("merchant-check demo --output stdout >redirected", tmp_path)

    assert link.is_symlink()
    assert ran.code == 3 or "Kettle Lane Tea" in (tmp_path / "redirected").read_text("utf-8")


# --- "paths and patterns in a config are relative to the config file" --------------------------------------------


def test_a_pattern_is_only_what_the_config_says(call: Call, orders: Path, tmp_path: Path) -> None:
    """The folder of the config may itself be called [2026]."""
    folder = tmp_path / "shop [2026]"
    folder.mkdir()
    shutil.copy(orders, folder / "orders.csv")
    (folder / "shop.yaml").write_text("inputs: {orders: ord*.csv}\n")

    ran = call("report", "-c", folder / "shop.yaml")

    assert "no file matches" not in ran.err
    assert ran.code == call("report", orders).code


# --- "every exit code …: 3 usage error" --------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--as-of", "--config", "--staffing", "--cash", "--orders", "--output"])
def test_an_empty_value_is_not_passed_over(call: Call, orders: Path, option: str) -> None:
    """--as-of "$DAY" with DAY unset must not judge another period in silence."""
    ran = call("report", orders, option, "")

    assert ran.code == 3
    assert ran.out == ""


# --- "A refusal under `--format json` is {…} on stdout, and the usual line on stderr" ----------------------------


def test_a_usage_error_under_json_is_an_error_object(call: Call) -> None:
    ran = call("report", "--format", "json", "--nope")

    assert set(strict_json(ran.out or "{}").get("error", {})) == {"code", "message", "file", "line", "remedy"}
    assert ran.code == 3


# --- "Same input, same bytes … under any TZ": the harness's env-tz-locale-hashseed -------------------------------


def test_today_is_the_same_in_every_zone(orders: Path) -> None:
    """Without SOURCE_DATE_EPOCH the clock's local day is used: at any moment one of these two zones is a day off."""
    env = {name: value for name, value in environment().items() if name != "SOURCE_DATE_EPOCH"}
    far = [run("report", orders, "--format", "json", env={**env, "TZ": zone}).stdout for zone in ("UTC-14", "UTC+12")]

    assert far[0] == far[1]
