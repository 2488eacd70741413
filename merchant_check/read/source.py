"""Bytes become UTF-8 text with plain line ends; what is no text, or can't prove its encoding, is refused."""

from __future__ import annotations

import codecs
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from merchant_check.errors import UserError, Where, clean

MAX_RATIO = 200  # a CSV unfolds to 5-20 times its gzip; a bomb to a thousand
FREE_SIZE = 100 << 20  # bytes below which the ratio does not matter
CHUNK = 1 << 20
NOT_CSV = {
    b"PK\x03\x04": ("an Excel or zip file", "export it as CSV and pass that file"),
    b"%PDF": ("a PDF", "export the data as CSV and pass that file"),
    b"\xd0\xcf\x11\xe0": ("an old Excel file", "save it as CSV UTF-8 and pass that file"),
    b"<": ("HTML or XML, perhaps a login page saved instead of the export", "download the CSV again"),
    b"{": ("JSON", "export the data as CSV and pass that file"),
    b"[": ("JSON", "export the data as CSV and pass that file"),
}
BOMS = {  # the longer first: UTF-32's begins with UTF-16's
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
BLANK = " \t\r\n\ufeff"


@dataclass(frozen=True)
class Source:
    """A file's text as UTF-8 bytes without BOM, lines ending in LF or CRLF; or its bytes, if it is Parquet."""

    name: str
    data: bytes
    encoding: str

    @property
    def is_parquet(self) -> bool:
        return self.data.startswith(b"PAR1")


def open_source(path: str, name: str, encoding: str | None, known: Callable[[str], int]) -> Source:
    """Read a file (`-`: standard input) as text; `name` is what reports and errors call it.

    `encoding` is the user's own choice. Without one only an encoding that proves itself is accepted: UTF-8, UTF-16 or
    UTF-32 by their marks, and GB18030 where `known` (how many header names a text holds) vouches for the result.
    Raises UserError when the file can't be opened, is no text, or leaves its encoding open.
    """
    data = _unpacked(name, _bytes(path, name))
    if data.startswith(b"PAR1"):
        return Source(name, data, "parquet")
    _refuse_other_files(name, data)
    text, found = _decoded(name, data, encoding, known)
    if b"\0" in text:
        line = text.count(b"\n", 0, text.index(b"\0")) + 1
        raise UserError("nul-byte", "holds a NUL byte: a binary or damaged file", remedy="export it again as CSV UTF-8",
                        where=Where(name, line))  # fmt: skip
    return Source(name, _plain_line_ends(text), found)


def _bytes(path: str, name: str) -> bytes:
    try:
        if path == "-":
            return sys.stdin.buffer.read()
        if path.startswith(("http://", "https://", "ftp://", "s3://")):
            raise UserError("is-a-url", "this is a web address, not a file", remedy="download it and pass the file",
                            where=Where(name))  # fmt: skip
        return Path(path).read_bytes()
    except IsADirectoryError:
        raise UserError("is-a-folder", "this is a directory", remedy="name the files in it, e.g. folder/*.csv",
                        where=Where(name)) from None  # fmt: skip
    except (OSError, ValueError, AttributeError) as error:
        reason = getattr(error, "strerror", None) or ("standard input is closed" if path == "-" else str(error))
        raise UserError("cannot-open", f"cannot open it: {clean(str(reason), 80)}", remedy="check the path and permissions",
                        where=Where(name)) from None  # fmt: skip


def _unpacked(name: str, data: bytes) -> bytes:
    """The contents of a gzip file, all its members; as it is if it is none."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    parts, size, rest = [], 0, data
    limit = max(FREE_SIZE, len(data) * MAX_RATIO)
    try:
        while rest.startswith(b"\x1f\x8b"):
            member = zlib.decompressobj(zlib.MAX_WBITS | 16)
            chunk = member.decompress(rest, CHUNK)
            while chunk or not member.eof:
                if not chunk and not member.unconsumed_tail:
                    raise EOFError("it ends too early")
                parts.append(chunk)
                size += len(chunk)
                if size > limit:
                    raise UserError(
                        "too-large", f"unfolds to over {MAX_RATIO} times its size, which is the limit for gzip",
                        remedy="unpack it yourself and pass the CSV", where=Where(name))  # fmt: skip
                chunk = b"" if member.eof else member.decompress(member.unconsumed_tail, CHUNK)
            rest = member.unused_data.lstrip(b"\0")
    except (zlib.error, EOFError) as error:
        raise UserError("corrupt-gzip", f"the gzip file is truncated or corrupt ({error})",
                        remedy="download or compress it again", where=Where(name)) from None  # fmt: skip
    return b"".join(parts)


def _refuse_other_files(name: str, data: bytes) -> None:
    start = data[:CHUNK].removeprefix(codecs.BOM_UTF8).lstrip()
    if not start.strip(b"\0\xff\xfe"):
        raise UserError("empty-file", "the file is empty", remedy="export it again", where=Where(name))
    for magic, (what, remedy) in NOT_CSV.items():
        if start.startswith(magic):
            raise UserError("not-csv", f"this is {what}, not CSV", remedy=remedy, where=Where(name))


def _decoded(name: str, data: bytes, encoding: str | None, known: Callable[[str], int]) -> tuple[bytes, str]:
    """The text as UTF-8 without BOM, and the encoding it was in."""
    found = encoding or next((how for bom, how in BOMS.items() if data.startswith(bom)), None) or _by_nuls(data)
    if found is None:
        bad = _first_bad_byte(data)
        if bad is None:
            return data.replace(codecs.BOM_UTF8, b"", 2) if data.startswith(codecs.BOM_UTF8) else data, "utf-8"
        if not _is_gb18030(data, known):
            line = data.count(b"\n", 0, bad) + 1
            raise UserError("unknown-encoding", f"byte 0x{data[bad]:02x} is not UTF-8",
                            remedy="save it as CSV UTF-8, or pass --encoding, e.g. --encoding cp1252",
                            where=Where(name, line))  # fmt: skip
        found = "gb18030"
    try:
        text = data.decode(found)
    except LookupError:
        raise UserError("unknown-encoding", f"no encoding is called {clean(found)!r}",
                        remedy="try utf-8, cp1252, gb18030, shift_jis or utf-16", where=Where(name)) from None  # fmt: skip
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError("unknown-encoding", f"is not whole {found}: truncated, or another encoding",
                        remedy="export it again, or pass --encoding", where=Where(name, line)) from None  # fmt: skip
    return text.lstrip("\ufeff").encode("utf-8", "replace"), found


def _by_nuls(data: bytes) -> str | None:
    """UTF-16 without a BOM, where every other byte of the start is NUL as in Latin text."""
    start = data[:1000]
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if len(start) > 8 and odd > 0.4 * len(start) / 2 and even < odd / 10:
        return "utf-16-le"
    return "utf-16-be" if len(start) > 8 and even > 0.4 * len(start) / 2 and odd < even / 10 else None


def _first_bad_byte(data: bytes) -> int | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


def _is_gb18030(data: bytes, known: Callable[[str], int]) -> bool:
    """The start, read as GB18030, holds Chinese header names that we know: no other encoding gives those."""
    start = data[:20_000].decode("gb18030", "ignore")
    return not start.isascii() and known(start) >= 3


def _plain_line_ends(text: bytes) -> bytes:
    """CR alone, and CR CR LF, are line ends too; polars would read a file with CR alone as one line."""
    if text.count(b"\r") == text.count(b"\r\n"):
        return text
    return text.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
