"""Colour and width follow the terminal, unless someone says otherwise: --no-color, NO_COLOR, FORCE_COLOR, TERM."""

from __future__ import annotations

import re

import pytest

from .running import ESCAPE, Call, on_terminal

PIPED = {
    "nothing said": ((), {}, False),
    "FORCE_COLOR": ((), {"FORCE_COLOR": "1"}, True),
    "an empty FORCE_COLOR": ((), {"FORCE_COLOR": ""}, False),
    "NO_COLOR over FORCE_COLOR": ((), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    "an empty NO_COLOR says nothing": ((), {"NO_COLOR": "", "FORCE_COLOR": "1"}, True),
    "--no-color over FORCE_COLOR": (("--no-color",), {"FORCE_COLOR": "1"}, False),
    "TERM=dumb over FORCE_COLOR": ((), {"TERM": "dumb", "FORCE_COLOR": "1"}, False),
}
ON_TERMINAL = {
    "nothing said": ((), {}, True),
    "--no-color": (("--no-color",), {}, False),
    "NO_COLOR": ((), {"NO_COLOR": "1"}, False),
    "TERM=dumb": ((), {"TERM": "dumb"}, False),
}


@pytest.mark.parametrize(("arguments", "env", "coloured"), PIPED.values(), ids=PIPED)
def test_colour_in_a_pipe(call: Call, arguments: tuple[str, ...], env: dict[str, str], coloured: bool) -> None:
    assert (ESCAPE in call("demo", *arguments, **env).out) is coloured


@pytest.mark.parametrize(("arguments", "env", "coloured"), ON_TERMINAL.values(), ids=ON_TERMINAL)
def test_colour_on_a_terminal(arguments: tuple[str, ...], env: dict[str, str], coloured: bool) -> None:
    ran = on_terminal("demo", *arguments, env=env)

    assert ran.code == 0
    assert "Kettle Lane Tea" in ran.out
    assert (ESCAPE in ran.out) is coloured


@pytest.mark.parametrize("arguments", [("--format", "json"), ("--output", "{}/card.txt")], ids=["json", "output"])
def test_what_programs_read_is_never_coloured(call: Call, tmp_path: object, arguments: tuple[str, ...]) -> None:
    ran = call("demo", *(part.format(tmp_path) for part in arguments), FORCE_COLOR="1")

    assert ESCAPE not in ran.out
    assert ran.code == 0


@pytest.mark.parametrize("story", ["steady", "over-hired", "ad-burn"])
def test_colour_changes_no_word(call: Call, story: str) -> None:
    plain, coloured = call("demo", story).out, call("demo", story, FORCE_COLOR="1").out

    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


@pytest.mark.parametrize(("columns", "widest"), [("60", 60), ("80", 80), ("100", 100), ("130", 130)])
def test_columns_is_the_width_of_the_card(call: Call, columns: str, widest: int) -> None:
    lines = call("demo", "over-hired", COLUMNS=columns).out.splitlines()

    assert max(map(len, lines)) == widest


def test_a_pipe_is_80_columns_wide(call: Call) -> None:
    assert max(map(len, call("demo", "over-hired").out.splitlines())) == 80


def test_a_terminal_tells_its_own_width() -> None:
    ran = on_terminal("demo", "--no-color", columns=120)

    assert max(map(len, ran.out.splitlines())) == 120


@pytest.mark.parametrize("columns", ["20", "1", "0", "-5", "many", "100000"])
@pytest.mark.parametrize("command", ["demo", "explain"])
def test_odd_columns_do_no_harm(call: Call, command: str, columns: str) -> None:
    ran = call(command, COLUMNS=columns)

    assert ran.code == 0
    assert max(map(len, ran.out.splitlines())) <= 200
