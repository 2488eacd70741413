"""Every snippet of docs/automation.md does what it says, run as cron, systemd, Nagios or a workflow would run it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "automation.md").read_text("utf-8")
SNIPPETS = dict(re.findall(r"^```\w+ example (\S+)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE))
TODAY = "1794700800"  # 15 November 2026: the samples' reports must not change with the day
REFUSED = 3
OUTCOMES = [("steady", 0), ("over-hired", 2), (None, REFUSED)]
"""A story, or None for a shop whose orders are missing, and the exit code of its plain report."""

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


class Machine:
    """A folder that stands for the machine of the guide: the shop's files, the command, the collector's folder."""

    def __init__(self, root: Path, story: str | None) -> None:
        self.shop, self.bin, self.textfile = (root / name for name in ("shop", "bin", "textfile"))
        for folder in (self.shop, self.bin, self.textfile):
            folder.mkdir()
        for path in (ROOT / "sample_data" / (story or "steady")).iterdir():
            shutil.copy(path, self.shop)
        if story is None:
            (self.shop / "orders.csv").unlink()
        command = self.bin / "merchant-check"
        command.write_text(
            f"#!/bin/sh\nexport SOURCE_DATE_EPOCH=${{SOURCE_DATE_EPOCH:-{TODAY}}} PYTHONPATH={ROOT}\n"
            f'exec {sys.executable} -m merchant_check "$@"\n'
        )
        command.chmod(0o755)

    def placed(self, snippet: str) -> str:
        """The snippet with this machine's folders in the place of the guide's."""
        text: str = SNIPPETS[snippet].replace("/var/lib/node_exporter/textfile_collector", str(self.textfile))
        return text.replace("/usr/local/bin", str(self.bin)).replace("/srv/shop", str(self.shop))

    def run(self, command: list[str], **environment: str) -> Ran:
        """A command without terminal or input, in the shop's folder, with this environment and no other."""
        done = subprocess.run(
            command,
            env=environment,
            cwd=self.shop,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def cron(self, snippet: str, **clock: str) -> Ran:
        """The one job of a crontab, as cron runs it: crontab(5), with its variables and nothing else but a clock."""
        variables = {"HOME": str(self.shop), "LOGNAME": "shop", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
        jobs = []
        for line in self.placed(snippet).splitlines():
            if given := re.fullmatch(r"([A-Z]+)=(.*)", line):
                variables[given[1]] = given[2]
            else:
                jobs.append(re.fullmatch(r"((?:[\d*/,-]+ +){5})(.+)", line))
        (job,) = jobs
        assert job
        assert "%" not in job[2]  # cron would take it for the end of the line
        return self.run([variables["SHELL"], "-c", job[2]], **variables, **clock)


@pytest.fixture(params=OUTCOMES, ids=lambda outcome: str(outcome[0]))
def outcome(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Machine, int]:
    """Each kind of shop, and the exit code of its plain report."""
    story, code = request.param
    return Machine(tmp_path, story), code


@pytest.fixture
def steady(tmp_path: Path) -> Machine:
    return Machine(tmp_path, "steady")


def test_every_block_is_marked_and_tested() -> None:
    blocks = re.findall(r"^```(\S.*)$", GUIDE, re.MULTILINE)
    tests = Path(__file__).read_text("utf-8")

    assert [head for head in blocks if " " not in head] == ["text"]  # how to link the command: not ours to run
    assert len(SNIPPETS) >= 8
    assert all(f'"{name}"' in tests for name in SNIPPETS)


# ---- cron


def test_cron_mails_only_when_there_is_something_to_read(outcome: tuple[Machine, int]) -> None:
    machine, code = outcome
    ran = machine.cron("cron")

    assert ran.code == code
    assert bool(ran.out) is (code == 2)
    assert bool(ran.err) is (code == REFUSED)
    assert ran.out.isascii()
    assert "\x1b" not in ran.out


def test_cron_mails_a_change_once(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "ad-burn")
    monday, tuesday = "1794700800", "1794787200"

    first = machine.cron("changes", SOURCE_DATE_EPOCH=monday)
    assert first.out
    assert machine.cron("changes", SOURCE_DATE_EPOCH=monday) == first  # no run is its own baseline
    assert machine.cron("changes", SOURCE_DATE_EPOCH=tuesday) == Ran(0, "", "")


# ---- systemd


@needs_systemd
def test_systemd_takes_the_units(steady: Machine, tmp_path: Path) -> None:
    units = ["merchant-check.service", "merchant-check.timer"]
    for unit in units:
        (tmp_path / unit).write_text(steady.placed(unit))
    ran = steady.run(["systemd-analyze", "verify", *(str(tmp_path / unit) for unit in units)], **os.environ)

    assert (ran.code, ran.err) == (0, "")


def unit(text: str) -> ConfigParser:
    parsed = ConfigParser(interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    parsed.read_string(text)
    return parsed


def test_the_service_fails_on_what_is_critical(outcome: tuple[Machine, int]) -> None:
    machine, code = outcome
    service = unit(machine.placed("merchant-check.service"))["Service"]
    ran = machine.run(shlex.split(service["ExecStart"]), PATH="/usr/bin:/bin", LANG="C.UTF-8")

    assert service["WorkingDirectory"] == service["ReadWritePaths"] == str(machine.shop)
    assert (ran.code, ran.out) == (code, "")
    assert (machine.shop / "report.md").exists() is (code != REFUSED)


@needs_systemd
def test_the_timer_has_a_time(steady: Machine) -> None:
    when = unit(steady.placed("merchant-check.timer"))["Timer"]["OnCalendar"]

    assert "Next elapse: Mon" in steady.run(["systemd-analyze", "calendar", when], **os.environ).out


# ---- a script


def test_the_script_goes_on_where_it_should(outcome: tuple[Machine, int]) -> None:
    machine, code = outcome
    ran = machine.run(["bash", "-c", machine.placed("script")], PATH=f"{machine.bin}:/usr/bin:/bin")

    assert ran.code == (REFUSED if code == REFUSED else 0)
    assert bool(ran.err) is (code == REFUSED)
    assert ran.out == (f"Something is out of step: read {machine.shop}/report.md\n" if code == 2 else "")


# ---- Nagios and Icinga


def nagios_command(text: str) -> list[str]:
    """The service's command line with its arguments in place, as the daemon gives it to the shell."""
    settings = dict(re.findall(r"^ +(\w+) +(.+)$", text, re.MULTILINE))
    name, *arguments = settings["check_command"].split("!")
    assert name == settings["command_name"]
    line = settings["command_line"]
    for number, argument in enumerate(arguments, 1):
        line = line.replace(f"$ARG{number}$", argument)
    assert "$" not in line
    return ["/bin/sh", "-c", line]


def icinga2_command(text: str) -> list[str]:
    """The check command with the service's variables in place; icinga starts it without a shell."""
    command: list[str] = json.loads(re.findall(r"^  command = (\[.+\])$", text, re.MULTILINE)[0])
    variables = dict(re.findall(r'^  vars\.(\w+) = "(.+)"$', text, re.MULTILINE))
    for option, variable in re.findall(r'"(-\w)" = "\$(\w+)\$"', text):
        command += [option, variables[variable]]
    return command


PLUGINS = {"nagios": nagios_command, "icinga2": icinga2_command}
STATES = {0: "OK", 2: "CRITICAL", REFUSED: "UNKNOWN"}

_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_RANGE = rf"@?(?:(?:~|{_NUMBER})?:)?(?:{_NUMBER})?"
DATUM = re.compile(
    rf"(?:'(?P<quoted>(?:[^'=]|'')+)'|(?P<bare>[^'= ]+))=(?:U|(?P<value>{_NUMBER})(?P<unit>[^0-9;'\" ]*))"
    rf"(?:;(?P<warn>{_RANGE})(?:;(?P<crit>{_RANGE})(?:;(?P<min>{_NUMBER})?(?:;(?P<max>{_NUMBER})?)?)?)?)?(?= |$)"
)
"""One datum of the Monitoring Plugins' performance data: 'label'=value[unit];[warn];[crit];[min];[max]."""


def performance(line: str) -> dict[str, float]:
    """All data of a plugin's first line by label; fails where a sign of it is not lawful."""
    _, _, rest = line.partition("|")
    found: dict[str, float] = {}
    at = 0
    rest = rest.strip()
    while at < len(rest):
        datum = DATUM.match(rest, at)
        assert datum, rest[at:]
        label = datum["quoted"] or datum["bare"]
        assert label not in found
        found[label] = float(datum["value"])
        at = datum.end() + 1
    return found


@pytest.mark.parametrize("kind", PLUGINS)
def test_the_plugin_says_state_and_figures(outcome: tuple[Machine, int], kind: str) -> None:
    machine, code = outcome
    ran = machine.run(PLUGINS[kind](machine.placed(kind)), PATH="/usr/bin:/bin")
    first = ran.out.splitlines()[0]

    assert ran.code == code
    assert first.startswith(f"MERCHANT {STATES[code]} - ")
    assert first.count("|") == (0 if code == REFUSED else 1)
    assert bool(performance(first)) is (code != REFUSED)
    assert code == REFUSED or "growth-pace" in performance(first)


@pytest.mark.parametrize(
    "wrong", ["x=1,5", "x=1;2;3;4;5;6", "a b=1", "'x'=1; 2", "x=1 x=2", "x=", "'x=1", "x=1;abc", "x=1|y=2"]
)
def test_the_parser_is_strict(wrong: str) -> None:
    with pytest.raises(AssertionError):
        performance(f"OK | {wrong}")


def test_the_parser_takes_what_the_guidelines_do() -> None:
    line = "OK | time=0.5s;~:1;@2:3;0;10 '/ disk'=7%;; 'it''s'=-1;1:;~:2.5"

    assert performance(line) == {"time": 0.5, "/ disk": 7, "it''s": -1}


# ---- Prometheus


def test_the_textfile_is_written_or_left_as_it_was(outcome: tuple[Machine, int]) -> None:
    machine, code = outcome
    target = machine.textfile / "merchant_check.prom"
    target.write_text("# the old one\n")
    ran = machine.cron("textfile")

    assert (ran.code, ran.out) == (REFUSED if code == REFUSED else 0, "")
    assert (target.read_text() == "# the old one\n") is (code == REFUSED)
    assert list(machine.textfile.iterdir()) == [target]
    assert target.stat().st_mode & 0o444 == 0o444  # the exporter runs as somebody else


@needs_promtool
def test_promtool_takes_the_textfile(steady: Machine) -> None:
    steady.cron("textfile")
    text = (steady.textfile / "merchant_check.prom").read_text()
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_rules_ask_for_metrics_that_there_are(steady: Machine) -> None:
    steady.cron("textfile")
    written = (steady.textfile / "merchant_check.prom").read_text()
    rules = yaml.safe_load(steady.placed("rules"))["groups"][0]["rules"]

    for name in re.findall(r"merchant_check_\w+", " ".join(rule["expr"] for rule in rules)):
        assert f"# TYPE {name} gauge" in written


@needs_promtool
def test_promtool_takes_the_rules(steady: Machine, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(steady.placed("rules"))
    ran = steady.run(["promtool", "check", "rules", str(tmp_path / "rules.yaml")], **os.environ)

    assert ran.code == 0, ran.err
    assert "2 rules found" in ran.out


# ---- GitHub Actions


def test_the_workflow_runs(outcome: tuple[Machine, int]) -> None:
    machine, code = outcome
    workflow = yaml.safe_load(machine.placed("workflow"))
    assert {"schedule", "workflow_dispatch"} == set(workflow[True])  # YAML 1.1 reads the key `on` as true
    steps = workflow["jobs"]["report"]["steps"]
    here = [step["run"] for step in steps if "run" in step and not step["run"].startswith("pip install")]
    page = machine.shop / "summary.md"
    codes = [
        machine.run(
            ["bash", "-e", "-c", step], PATH=f"{machine.bin}:/usr/bin:/bin", GITHUB_STEP_SUMMARY=str(page), CI="true"
        ).code
        for step in here
    ]

    assert codes == [REFUSED if code == REFUSED else 0, code]
    assert ("Grade" in page.read_text("utf-8")) is (code != REFUSED)
