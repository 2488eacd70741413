"""--help, --version and completion: quick, readable, exit 0."""

from __future__ import annotations

import sys

import pytest

from merchant_check import __version__

from .running import Call, environment, run

HELPS = (("--help",), ("report", "--help"), ("demo", "--help"), ("explain", "--help"))
OPTIONS = (
    "--orders", "--staffing", "--cash", "--config", "--as-of", "--format", "--output", "--fail-on", "--quiet", "--only",
    "--skip", "--history", "--changes-only", "--no-color",
)  # fmt: skip


@pytest.mark.parametrize("arguments", HELPS, ids=" ".join)
def test_help_reads_well_at_80_columns(call: Call, arguments: tuple[str, ...]) -> None:
    ran = call(*arguments, COLUMNS="80")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Usage: merchant-check ")
    assert max(map(len, ran.out.splitlines())) <= 80
    assert ran.out.isascii()


def test_help_names_the_commands_and_the_codes(call: Call) -> None:
    ran = call("--help")

    for word in ("report", "demo", "explain", "Exit codes: 0 nothing reached --fail-on, 1 a warning"):
        assert word in ran.words


def test_help_of_report_names_every_option(call: Call) -> None:
    ran = call("report", "--help")

    assert [option for option in OPTIONS if option not in ran.out] == []
    assert "<terminal|json|markdown|html|nagios|prometheus>" in ran.out
    assert "<warning|critical|never>" in ran.out


def test_version_is_one_line(call: Call) -> None:
    assert (call("--version").out, call("--version").code) == (f"merchant-check {__version__}\n", 0)


@pytest.mark.parametrize("arguments", [("--help",), ("report", "--help"), ("--version",), ("reprot",)], ids=" ".join)
def test_no_heavy_import_for_a_quick_answer(arguments: tuple[str, ...]) -> None:
    source = (
        "import sys\n"
        "from merchant_check import cli\n"
        f"cli.run({list(arguments)!r})\n"
        "heavy = {'polars', 'yaml', 'rich'} & set(sys.modules)\n"
        "print('heavy', sorted(heavy), file=sys.stderr)\n"
    )
    ran = run(command=(sys.executable, "-c", source))

    assert ran.err.splitlines()[-1] == "heavy []"


def test_json_needs_no_rich() -> None:
    source = (
        "import sys\n"
        "from merchant_check import cli\n"
        "cli.run(['demo', '--format', 'json'])\n"
        "print('rich' in sys.modules, file=sys.stderr)\n"
    )
    assert run(command=(sys.executable, "-c", source)).err == "False\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_offered(shell: str) -> None:
    ran = run(env=environment(_MERCHANT_CHECK_COMPLETE=f"source_{shell}"))

    assert ran.code == 0
    assert "merchant-check" in ran.out
    assert f"complete_{shell}" in ran.out


def test_help_offers_completion(call: Call) -> None:
    assert "--show-completion" in call("--help").out


def test_completion_completes() -> None:
    env = environment(_MERCHANT_CHECK_COMPLETE="complete_bash", COMP_WORDS="merchant-check demo ", COMP_CWORD="2")

    assert run(env=env).out.split() == ["steady", "over-hired", "ad-burn"]
