"""The exit codes: one contract, the same in every format and with --quiet."""

from __future__ import annotations

from pathlib import Path

import pytest

from merchant_check.checks.cash import runway

from .running import SAMPLES, Call, crashing, is_one_line, run, strict_json

STEADY, OVER_HIRED = (SAMPLES / story / "config.yaml" for story in ("steady", "over-hired"))

OUTCOMES = {
    "all ok": (("report", "-c", STEADY), 0),
    "a warning": (("report", "-c", "{warned}"), 1),
    "a warning, fail on warning": (("report", "-c", "{warned}", "--fail-on", "warning"), 1),
    "a warning, fail on critical": (("report", "-c", "{warned}", "--fail-on", "critical"), 0),
    "a warning, fail never": (("report", "-c", "{warned}", "--fail-on", "never"), 0),
    "a critical": (("report", "-c", OVER_HIRED), 2),
    "a critical, fail on critical": (("report", "-c", OVER_HIRED, "--fail-on", "critical"), 2),
    "a critical, fail never": (("report", "-c", OVER_HIRED, "--fail-on", "never"), 0),
    "nothing judged": (("report", "{thin}"), 3),
    "nothing judged, fail never": (("report", "{thin}", "--fail-on", "never"), 3),
    "every check left out": (("report", "-c", STEADY, "--only", "runway", "--skip", "runway"), 3),
    "no such file": (("report", "nowhere.csv"), 3),
    "no such file, fail never": (("report", "nowhere.csv", "--fail-on", "never"), 3),
    "not an orders file": (("report", SAMPLES / "steady" / "cash.csv"), 3),
}
DELIVERIES = ((), ("--quiet",), ("--format", "json"), ("--format", "json", "--quiet"))

USAGE_ERRORS = {
    "no command": (),
    "unknown command": ("reprot",),
    "unknown option": ("report", "--nope"),
    "unknown option of the program": ("--nope",),
    "unknown format": ("report", "x.csv", "--format", "jsn"),
    "unknown fail-on": ("report", "x.csv", "--fail-on", "often"),
    "unknown story": ("demo", "nowhere"),
    "option without its value": ("report", "--output"),
    "too many arguments": ("explain", "runway", "plan"),
    "no files": ("report",),
    "no such check": ("report", "x.csv", "--only", "nope"),
}


@pytest.mark.parametrize("delivery", DELIVERIES, ids=" ".join)
@pytest.mark.parametrize(("arguments", "code"), OUTCOMES.values(), ids=OUTCOMES)
def test_code_is_the_same_in_every_delivery(
    call: Call, warned: Path, thin_orders: Path, arguments: tuple[object, ...], code: int, delivery: tuple[str, ...]
) -> None:
    named = [str(part).format(warned=warned, thin=thin_orders) for part in arguments]

    ran = call(*named, *delivery)

    assert ran.code == code
    if code == 3:
        assert ran.err.startswith("merchant-check: ")
    elif code and "json" in delivery:
        assert ran.json["exit_code"] == code


@pytest.mark.parametrize("arguments", USAGE_ERRORS.values(), ids=USAGE_ERRORS)
def test_wrong_usage_is_3_with_one_line(call: Call, arguments: tuple[str, ...]) -> None:
    ran = call(*arguments)

    assert (ran.code, ran.out) == (3, "")
    assert is_one_line(ran.err)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("demo", "over-hired"), 2),
        (("report", "nowhere.csv"), 3),
        (("reprot",), 3),
        (("--version",), 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_process_ends_with_the_code(arguments: tuple[str, ...], code: int) -> None:
    assert run(*arguments).code == code


def test_config_sets_fail_on_and_the_command_line_wins(call: Call, warned: Path) -> None:
    warned.write_text(warned.read_text() + "report: {fail_on: critical}\n")

    assert call("report", "-c", warned).code == 0
    assert call("report", "-c", warned, "--fail-on", "warning").code == 1


@pytest.mark.parametrize("error", ["RuntimeError('two\\nlines \\x1b[31m')", "MemoryError()"])
def test_a_crash_is_3_in_one_line_without_traceback(error: str) -> None:
    ran = run("demo", command=crashing(error))

    assert (ran.code, ran.out) == (3, "")
    assert is_one_line(ran.err)
    assert "internal error" in ran.err
    assert "Traceback" not in ran.err
    assert "\x1b" not in ran.err


def test_a_crash_under_json_is_an_error_object() -> None:
    ran = run("demo", "--format", "json", command=crashing("RuntimeError('oh')"))

    assert ran.code == 3
    assert strict_json(ran.out)["error"]["code"] == "internal-error"


def test_a_crash_in_one_check_costs_only_that_check(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("oh")

    monkeypatch.setitem(vars(runway.CHECK), "measure", broken)

    ran = call("demo", "--format", "json")

    found = {item["id"]: item["status"] for subject in ran.json["subjects"] for item in subject["findings"]}
    assert found.pop("runway") == "unknown"
    assert set(found.values()) == {"ok"}
    assert ran.code == 0


def test_interrupted_is_130_without_a_word() -> None:
    ran = run("demo", command=crashing("KeyboardInterrupt"))

    assert (ran.code, ran.out, ran.err) == (130, "", "")
