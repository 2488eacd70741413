"""--output writes a whole report or leaves everything as it was."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from .running import SAMPLES, Call, run, strict_json

STEADY = SAMPLES / "steady"
OLD = "the report of last month\n"


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A report written earlier, alone in its folder."""
    path = tmp_path / "reports" / "card.txt"
    path.parent.mkdir()
    path.write_text(OLD)
    return path


def test_the_suffix_json_picks_json(call: Call, tmp_path: Path) -> None:
    call("demo", "--output", tmp_path / "card.json")

    assert strict_json((tmp_path / "card.json").read_text("utf-8"))["grade"] == "A"


@pytest.mark.parametrize("name", ["card.txt", "card", "json"])
def test_other_names_get_the_card(call: Call, tmp_path: Path, name: str) -> None:
    call("demo", "--output", tmp_path / name)

    assert "Kettle Lane Tea" in (tmp_path / name).read_text("utf-8").splitlines()[0]


@pytest.mark.parametrize(("form", "name"), [("json", "card.txt"), ("terminal", "card.json")])
def test_the_format_given_wins_over_the_suffix(call: Call, tmp_path: Path, form: str, name: str) -> None:
    call("demo", "--output", tmp_path / name, "--format", form)

    assert (tmp_path / name).read_text("utf-8").startswith("{") is (form == "json")


@pytest.mark.parametrize("story", ["steady", "ad-burn"])
def test_the_code_is_that_of_the_report(call: Call, tmp_path: Path, story: str) -> None:
    assert call("demo", story, "--output", tmp_path / "card.json").code == call("demo", story).code


def test_it_is_replaced_never_written_into(call: Call, card: Path, tmp_path: Path) -> None:
    os.link(card, tmp_path / "old")  # a reader that has the old file open

    call("demo", "--output", card)

    assert (tmp_path / "old").read_text() == OLD
    assert "Kettle Lane Tea" in card.read_text("utf-8")


def test_nothing_else_is_left_beside_it(call: Call, card: Path) -> None:
    call("demo", "--output", card)

    assert os.listdir(card.parent) == [card.name]


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
def test_a_failure_keeps_the_old_file_and_leaves_no_litter(
    call: Call, card: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os if step == "fsync" else Path, step, full)

    ran = call("demo", "--output", card)

    assert ran.code == 3
    assert ran.err.startswith(f"merchant-check: {card}: cannot write it: No space left on device; ")
    assert card.read_text() == OLD
    assert os.listdir(card.parent) == [card.name]


def test_a_refused_input_keeps_the_old_file(call: Call, card: Path) -> None:
    assert call("report", "nowhere.csv", "--output", card).code == 3
    assert card.read_text() == OLD
    assert os.listdir(card.parent) == [card.name]


@pytest.mark.parametrize("kind", ["itself", "symlink", "hard link", "another spelling", "a configured input"])
def test_an_output_that_is_an_input_is_refused(call: Call, orders: Path, kind: str) -> None:
    before, output, arguments = orders.read_bytes(), orders.parent / "card.csv", ["report", str(orders)]
    if kind == "symlink":
        output.symlink_to(orders)
    elif kind == "hard link":
        os.link(orders, output)
    elif kind == "a configured input":
        output = orders
        config = orders.parent / "shop.yaml"
        config.write_text("inputs: {orders: ord*.csv}\n")
        arguments = ["report", "-c", str(config)]
    else:
        output = orders if kind == "itself" else orders.parent / ".." / orders.parent.name / orders.name

    ran = call(*arguments, "--output", output)

    assert ran.code == 3
    assert "the output is one of the inputs" in ran.err
    assert orders.read_bytes() == before


def test_a_symlink_is_replaced_and_its_target_untouched(call: Call, card: Path) -> None:
    link = card.with_name("latest.txt")
    link.symlink_to(card)

    call("demo", "--output", link)

    assert not link.is_symlink()
    assert "Kettle Lane Tea" in link.read_text("utf-8")
    assert card.read_text() == OLD


def test_a_dangling_symlink_is_replaced(call: Call, tmp_path: Path) -> None:
    link = tmp_path / "latest.txt"
    link.symlink_to(tmp_path / "nowhere.txt")

    assert call("demo", "--output", link).code == 0
    assert not link.is_symlink()
    assert not (tmp_path / "nowhere.txt").exists()


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_permissions_follow_the_umask(call: Call, card: Path, mask: int, mode: int) -> None:
    card.chmod(0o600)
    usual = os.umask(mask)
    try:
        call("demo", "--output", card)
        left = os.umask(mask)
    finally:
        os.umask(usual)

    assert card.stat().st_mode & 0o777 == mode
    assert left == mask


@pytest.mark.parametrize("name", ["no/such/folder/card.txt", ".", "a-file/card.txt", "x" * 300])
def test_a_place_that_cannot_be_written_is_named(call: Call, tmp_path: Path, name: str) -> None:
    (tmp_path / "a-file").write_text("")

    ran = call("demo", "--output", tmp_path / name)

    assert (ran.code, ran.out) == (3, "")
    assert "cannot write it: " in ran.err
    assert ran.err.count("\n") == 1


def test_a_device_is_written_to_as_it_is(call: Call) -> None:
    assert call("demo", "--output", "/dev/null").code == 0
    assert Path("/dev/null").is_char_device()


def test_a_full_device_is_a_failure() -> None:
    ran = run("demo", "--output", "/dev/full")

    assert ran.code == 3
    assert "/dev/full: cannot write it: No space left on device" in ran.err
