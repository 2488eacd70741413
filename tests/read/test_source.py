"""Bytes are read in chunks, and wherever these end, the text, its encoding and every refusal are the same."""

from __future__ import annotations

import gzip
import io
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from merchant_check.errors import UserError
from merchant_check.read import content, source
from merchant_check.read.scratch import Scratch

from .reading import HEADER, SCRATCH, put, refusal

SAME_FILES = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PIECES = st.sampled_from(
    [
        *"ab,\n\0\r",
        "\n",
        "\r\n",
        "\r\n",
        "\r\r\n",
        "\r\r\r\n",
        "é",
        "李",
        "€",
        "🙂",
        "\u2028",
        "\u2027",
        "\ufeff",
        "订单",
    ]
)
TEXTS = st.lists(PIECES, max_size=30).map("".join)


def text_of(path: str, wanted: str | None = None, words: int = 0) -> tuple[bytes, str, str]:
    """The text of a file, its encoding and its start; `words`: how many foreign names its header is taken to know."""
    found = source.open_source(path, "orders.csv", lambda _: words, wanted, SCRATCH)
    return b"".join(content.chunks(found.content)), found.encoding, found.start


def outcome(act: Callable[[], object]) -> object:
    try:
        return act()
    except UserError as error:
        return str(error)


def assert_same_in_any_chunks(path: str, wanted: str | None, words: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(content, "CHUNK", 1 << 20)
        expected = outcome(lambda: text_of(path, wanted, words))
        for size in (1, 2, 3, 7):
            patch.setattr(content, "CHUNK", size)
            for limit in (0, 1 << 20):
                patch.setattr(content, "IN_MEMORY", limit)
                assert outcome(lambda: text_of(path, wanted, words)) == expected


@SAME_FILES
@given(
    text=TEXTS,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "gb18030", "cp437"]),
    told=st.booleans(),
    cut=st.integers(0, 3),
    words=st.sampled_from([0, 3]),
)
@example(text="order_id\r\nZoë\r", encoding="utf-8", told=False, cut=0, words=0)
@example(text="order_id\n🙂", encoding="utf-8", told=False, cut=1, words=0)
@example(text="ééé\n\n", encoding="cp437", told=False, cut=0, words=0)
def test_text_is_the_same_in_any_chunks(
    tmp_path: Path, text: str, encoding: str, told: bool, cut: int, words: int
) -> None:
    data = text.encode(encoding, "replace")
    path = put(tmp_path, data[: len(data) - cut])
    assert_same_in_any_chunks(path, encoding if told else None, words)


@SAME_FILES
@given(
    texts=st.lists(TEXTS, min_size=1, max_size=3),
    padding=st.sampled_from([b"", b"\0", b"\0\0\0"]),
    end=st.sampled_from([b"", b"\x1f", b"\x1f\x8b", b"other bytes"]),
    cut=st.integers(0, 12),
)
def test_gzip_members_are_the_same_in_any_chunks(
    tmp_path: Path, texts: list[str], padding: bytes, end: bytes, cut: int
) -> None:
    packed = padding.join(gzip.compress(text.encode(), mtime=0) for text in texts) + end
    assert_same_in_any_chunks(put(tmp_path, packed[: len(packed) - cut]), None, 0)


@pytest.mark.parametrize("chunk", [7, 1 << 18])
@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a,b\r\n1,2\r\n", b"a,b\r\n1,2\r\n"),
        (b"a,b\r1,2\r", b"a,b\n1,2\n"),
        (b"a,b\r\r\n1,2\r\r\n", b"a,b\n1,2\n"),
        (b"a,b\n" * 20 + b"1,\r2\n", b"a,b\n" * 20 + b"1, 2\n"),
        (b"a,b\r\n" * 20 + b"1,\r2\r\n", b"a,b\r\n" * 20 + b"1, 2\r\n"),
        ("a,bcd\u20281,2\u2028".encode(), b"a,bcd\n1,2\n"),
        ("a,b\n1,\u20282\n".encode(), "a,b\n1,\u20282\n".encode()),
        ("a,b\n1,é\n".encode("latin-1"), "a,b\n1,é\n".encode()),
    ],
)
def test_line_ends_become_lf_or_crlf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, data: bytes, text: bytes
) -> None:
    monkeypatch.setattr(content, "CHUNK", chunk)
    assert text_of(put(tmp_path, data))[0] == text


@pytest.mark.parametrize("chunk", [7, 1 << 18])
@pytest.mark.parametrize("before", [2, 3, 4, 5])
@pytest.mark.parametrize(
    ("bad", "code"), [(b"\0", "nul-byte"), (b"\xc3(", "unknown-encoding"), (b"\xe2\x82", "unknown-encoding")]
)
def test_what_is_no_text_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, before: int, bad: bytes, code: str
) -> None:
    monkeypatch.setattr(content, "CHUNK", chunk)
    path = put(tmp_path, "é,b\n".encode() * before + b"1," + bad)
    error = refusal(lambda: text_of(path))
    assert (error.code, error.where and error.where.line) == (code, before + 1)


@pytest.mark.parametrize("chunk", [7, 1 << 18])
@pytest.mark.parametrize("encoding", ["gb18030", "shift_jis", "utf-16"])
def test_text_that_is_not_in_the_told_encoding_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, encoding: str
) -> None:
    monkeypatch.setattr(content, "CHUNK", chunk)
    bad = b"\x00\xdc\x00\xdc" if encoding == "utf-16" else b"\xff\xff"
    path = put(tmp_path, ("order,day\n" * 30).encode(encoding) + bad + "\n".encode(encoding))
    error = refusal(lambda: text_of(path, encoding))
    assert str(error).startswith(f"orders.csv:31: is not whole {encoding}")


def test_small_files_need_no_temporary_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Scratch() as scratch:
        packed = gzip.compress((HEADER * 1000).encode("utf-16"))
        found = source.open_source(put(tmp_path, packed), "orders.csv", len, None, scratch)
        assert isinstance(found.content, bytes)
        assert [path.name for path in tmp_path.iterdir()] == ["orders.csv"]


def test_a_large_file_is_read_where_it_is_unless_its_bytes_must_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "IN_MEMORY", 10)
    with Scratch() as scratch:
        for data in (HEADER.encode(), ("\ufeff" + HEADER.replace("\n", "\r\n")).encode()):
            path = put(tmp_path, data)
            assert source.open_source(path, "orders.csv", len, None, scratch).content == Path(path)
        for data in (HEADER.encode("utf-16"), HEADER.replace("\n", "\r").encode(), gzip.compress(HEADER.encode())):
            copy = source.open_source(put(tmp_path, data), "orders.csv", len, None, scratch).content
            assert isinstance(copy, Path)
            assert copy.parent == scratch.folder


def test_a_relative_path_stays_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "IN_MEMORY", 0)
    monkeypatch.chdir(tmp_path)
    put(tmp_path, HEADER)
    found = source.open_source("orders.csv", "orders.csv", len, None, SCRATCH)
    monkeypatch.chdir("/")
    assert b"".join(content.chunks(found.content)) == HEADER.encode()


@pytest.mark.parametrize("limit", [0, 1 << 20])
def test_standard_input_may_be_opened_twice(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(content, "IN_MEMORY", limit)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(HEADER.encode())))
    with Scratch() as scratch:
        for _ in range(2):
            assert source.open_source("-", "stdin", len, None, scratch).start == HEADER


def test_a_pipe_may_be_opened_twice(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(HEADER,), daemon=True)
    writer.start()
    with Scratch() as scratch:
        for _ in range(2):
            assert source.open_source(str(pipe), "pipe", len, None, scratch).start == HEADER
    writer.join()


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "FREE_SIZE", 1000)
    error = refusal(lambda: text_of(put(tmp_path, gzip.compress(b"a" * 1_000_000))))
    assert error.code == "too-large"


def test_no_room_for_temporary_files_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(content, "IN_MEMORY", 0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    path = put(tmp_path, HEADER.encode("utf-16"))
    error = refusal(lambda: source.open_source(path, "orders.csv", len, None, Scratch()))
    assert error.code == "no-temporary-files"
    assert "TMPDIR" in error.remedy
