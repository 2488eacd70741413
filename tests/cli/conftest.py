"""What the command-line tests share: calling the command in this process, and shops of each outcome."""

from __future__ import annotations

import signal
from datetime import date
from pathlib import Path

import pytest

from merchant_check import cli

from .running import PLAIN_ENV, SAMPLES, SWITCHES, Call, Ran, days, usual_orders, write_orders


@pytest.fixture
def call(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Call:
    """The command in this process: same code, same bytes, a tenth of the time."""
    for name in SWITCHES:
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str | Path, **env: str) -> Ran:
        usual = signal.getsignal(signal.SIGINT)
        with monkeypatch.context() as patched:
            for name, value in {**PLAIN_ENV, **env}.items():
                patched.setenv(name, value)
            code = cli.run([str(argument) for argument in arguments])
        signal.signal(signal.SIGINT, usual)  # a run lets Ctrl-C end the process, which here is pytest's
        out, err = capfdbinary.readouterr()
        return Ran(code, out, err)

    return run


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """A shop's orders, of which everything judged is ok."""
    return usual_orders(tmp_path / "orders.csv")


@pytest.fixture
def thin_orders(tmp_path: Path) -> Path:
    """Too few orders to judge anything."""
    when = days(date(2026, 8, 1), date(2026, 10, 31), 20)
    return write_orders(tmp_path / "thin.csv", when, ["c1", "c2", "c3"])


@pytest.fixture
def warned(tmp_path: Path) -> Path:
    """A config whose shop gets one warning and nothing worse."""
    config = tmp_path / "warned.yaml"
    folder = SAMPLES / "steady"
    inputs = "".join(f"  {role}: {folder / role}.csv\n" for role in ("orders", "staffing", "cash"))
    config.write_text(
        f"inputs:\n{inputs}merchant: {{category: consumables}}\nchecks: {{marketing-share: {{warning: 0.04}}}}\n"
    )
    return config
