"""Temporary files are gone however a run ends, and a full disk is told with its remedy."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from merchant_check.errors import UserError
from merchant_check.read.scratch import Scratch, room_on_disk

ENDLESS = """
import sys, time
from merchant_check.read.scratch import Scratch
with Scratch() as scratch:
    scratch.path().write_text("orders")
    print(scratch.folder, flush=True)
    time.sleep(60)
"""


def test_the_folder_is_gone_afterwards() -> None:
    with Scratch() as scratch:
        first, second = scratch.path(), scratch.path()
        first.write_text("orders")
        assert second != first
        assert second.parent == first.parent
    assert not first.parent.exists()


def test_only_its_owner_may_read_it() -> None:
    with Scratch() as scratch:
        assert scratch.folder.stat().st_mode & 0o777 == 0o700


def test_nothing_is_made_where_nothing_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Scratch():
        pass
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_folder_is_gone_after_a_kill(how: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        folder = Path(run.stdout.readline().strip())
        assert folder.exists()
        run.send_signal(how)
    deadline = time.monotonic() + 30
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()


def test_a_full_disk_is_told() -> None:
    with pytest.raises(UserError, match="no space is left") as found, room_on_disk():
        raise OSError(errno.ENOSPC, "No space left on device")
    assert "TMPDIR" in found.value.remedy
    with pytest.raises(FileNotFoundError), room_on_disk():
        Path("/no/such/folder/file").read_text()
