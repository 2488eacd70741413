"""Bytes become UTF-8 text with plain line ends; what is no text, or can't prove its encoding, is refused."""

from __future__ import annotations

import codecs
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from merchant_check.errors import clean, refusal

MAX_RATIO = 200  # a CSV unfolds to 5-20 times its gzip; a bomb to a thousand
FREE_SIZE = 100 << 20  # bytes below which the ratio does not matter
CHUNK = 1 << 20
FEW_CRS = 0.1  # of the lines
NOT_CSV = {
    b"PK\x03\x04": ("an Excel or zip file", "export it as CSV and pass that file"),
    b"%PDF": ("a PDF", "export the data as CSV and pass that file"),
    b"\xd0\xcf\x11\xe0": ("an old Excel file", "save it as CSV UTF-8 and pass that file"),
    b"<": ("a web page or XML, such as a login page saved instead of the export", "download the CSV again"),
    b"{": ("JSON", "export the data as CSV and pass that file"),
    b"[": ("JSON", "export the data as CSV and pass that file"),
}
BOMS = {  # the longer first: UTF-32's begins with UTF-16's
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
GZIP = b"\x1f\x8b"
ASSUMED = "8-bit, not known which"
HIGH_BYTE = re.compile(rb"[\x80-\xff]")
ENOUGH_NAMES = 3
SAY_ENCODING = "name its encoding, e.g. --encoding cp1252"
LINE_SEPARATOR = "\u2028".encode()


@dataclass(frozen=True)
class Source:
    """A file's text as UTF-8 bytes without BOM, lines ending in LF or CRLF; or its bytes, if it is Parquet."""

    name: str
    data: bytes
    encoding: str

    @property
    def is_parquet(self) -> bool:
        return self.data.startswith(b"PAR1")


def open_source(path: str, name: str, known: Callable[[str], int], wanted: str | None = None) -> Source:
    """Read a file (`-`: standard input) as text; `name` is what reports and errors call it.

    Only an encoding that proves itself is accepted, unless the user names one (`wanted`): UTF-8, UTF-16 or UTF-32 by
    their marks, and GB18030 where `known` (how many known header names outside ASCII a text holds) vouches for it.
    Other 8-bit text is read byte by byte (ASSUMED): good as long as nothing but names depends on it, which who reads
    the cells must check.
    Raises UserError when the file can't be opened, is no text, or is damaged.
    """
    data = _unpacked(name, _bytes(path, name))
    if data.startswith(b"PAR1"):
        return Source(name, data, "parquet")
    _refuse_other_files(name, data)
    text, encoding = _as_told(name, data, wanted) if wanted else _decoded(name, data, known)
    if b"\0" in text:
        line = text.count(b"\n", 0, text.index(b"\0")) + 1
        raise refusal(
            name, "nul-byte", "holds a NUL byte: a binary or damaged file", "export it again as CSV UTF-8", line
        )
    return Source(name, _plain_line_ends(text), encoding)


def _bytes(path: str, name: str) -> bytes:
    try:
        if path != "-":
            return Path(path).read_bytes()
        return _standard_input()
    except IsADirectoryError:
        raise refusal(name, "is-a-folder", "this is a directory", "name the files in it, e.g. folder/*.csv") from None
    except (OSError, ValueError) as error:
        reason = clean(getattr(error, "strerror", None) or str(error), 80)
        remedy = "check the path and permissions; web addresses are not fetched"
        raise refusal(name, "cannot-open", f"cannot open it: {reason}", remedy) from None


@cache
def _standard_input() -> bytes:
    """All of standard input; kept, as a file may be opened in more than one way."""
    if sys.stdin is None:
        raise OSError(0, "standard input is closed")
    return sys.stdin.buffer.read()


def _unpacked(name: str, data: bytes) -> bytes:
    """The contents of a gzip file, all its members; as it is if it is none."""
    if not data.startswith(GZIP):
        return data
    parts: list[bytes] = []
    size, limit = 0, max(FREE_SIZE, len(data) * MAX_RATIO)
    try:
        for chunk in _inflated(data):
            parts.append(chunk)
            size += len(chunk)
            if size > limit:
                reason = f"unfolds to over {MAX_RATIO} times its size, the limit for gzip files"
                raise refusal(name, "too-large", reason, "unpack it yourself and pass the CSV")
    except (zlib.error, EOFError) as error:
        reason = f"the gzip file is truncated or corrupt ({error})"
        raise refusal(name, "corrupt-gzip", reason, "download or compress it again") from None
    return b"".join(parts)


def _inflated(data: bytes) -> Iterator[bytes]:
    """The text of all members of a gzip file, in chunks of limited size."""
    while data.startswith(GZIP):
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        while not member.eof:
            chunk = member.decompress(data, CHUNK)
            data = member.unconsumed_tail
            if not chunk and not data and not member.eof:
                raise EOFError("it ends too early")
            yield chunk
        data = member.unused_data.lstrip(b"\0")


def _refuse_other_files(name: str, data: bytes) -> None:
    start = data[:CHUNK].removeprefix(codecs.BOM_UTF8).lstrip()
    if not start.strip(b"\0\xff\xfe"):
        raise refusal(name, "empty-file", "the file is empty", "export it again")
    for magic, (what, remedy) in NOT_CSV.items():
        if start.startswith(magic):
            raise refusal(name, "not-csv", f"this is {what}, not CSV", remedy)


def _decoded(name: str, data: bytes, known: Callable[[str], int]) -> tuple[bytes, str]:
    """The text as UTF-8 without BOM, and the encoding it was in."""
    encoding = next((how for bom, how in BOMS.items() if data.startswith(bom)), None) or _utf16_by_its_nuls(data)
    if encoding is None:
        bad = _first_bad_byte(data)
        if bad is None:
            return _without_bom(data), "utf-8"
        if _is_gb18030(data, known):
            encoding = "gb18030"
        elif HIGH_BYTE.search(data, 0, bad):
            line = data.count(b"\n", 0, bad) + 1
            reason = f"byte 0x{data[bad]:02x} is not UTF-8, though the text before it is"
            raise refusal(name, "unknown-encoding", reason, f"mend that line, or {SAY_ENCODING}", line)
        else:
            return data.decode("latin-1").encode(), ASSUMED
    return _whole(name, data, encoding), encoding


def _as_told(name: str, data: bytes, wanted: str) -> tuple[bytes, str]:
    """The text in the encoding that the user names."""
    try:
        encoding = codecs.lookup(wanted).name
        "".encode(encoding)  # hex and the like are codecs too, but for bytes
    except (LookupError, ValueError):
        remedy = "pass one such as utf-8, cp1252, gb18030, shift_jis"
        raise refusal(name, "unknown-encoding", f"there is no encoding {clean(wanted)!r}", remedy) from None
    return _whole(name, data, encoding), encoding


def _whole(name: str, data: bytes, encoding: str) -> bytes:
    try:
        return data.decode(encoding).lstrip("\ufeff").encode("utf-8", "replace")
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        line = data.count(b"\n", 0, start) + 1
        reason = f"is not whole {encoding}: truncated, or in another encoding"
        raise refusal(name, "unknown-encoding", reason, f"export it again, or {SAY_ENCODING}", line) from None


def _without_bom(data: bytes) -> bytes:
    while data.startswith(codecs.BOM_UTF8):  # two, where a file with one was saved with another
        data = data[len(codecs.BOM_UTF8) :]
    return data


def _utf16_by_its_nuls(data: bytes) -> str | None:
    """UTF-16 without a BOM, where every other byte of the start is NUL as in Latin text."""
    even, odd = data[:1000:2].count(0), data[1:1000:2].count(0)
    if max(even, odd) < 0.2 * len(data[:1000]) or min(even, odd) > 0.1 * max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _first_bad_byte(data: bytes) -> int | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


def _is_gb18030(data: bytes, known: Callable[[str], int]) -> bool:
    """The start, read as GB18030, has three Chinese header names that we know: no chance gives that."""
    return known(data[:20_000].decode("gb18030", "ignore")) >= ENOUGH_NAMES


def _plain_line_ends(text: bytes) -> bytes:
    """CR alone, and CR CR LF, are line ends too, where they are many; a few are text that strayed into a cell."""
    if b"\n" not in text and LINE_SEPARATOR in text:
        return text.replace(LINE_SEPARATOR, b"\n")
    alone = text.count(b"\r") - text.count(b"\r\n")
    if not alone:
        return text
    if alone < FEW_CRS * text.count(b"\n"):
        return re.sub(rb"\r(?!\n)", b" ", text)
    return text.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
