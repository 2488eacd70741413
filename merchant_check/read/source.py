"""Bytes become UTF-8 text with plain line ends; what is no text, or can't prove its encoding, is refused."""

from __future__ import annotations

import codecs
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from merchant_check.errors import UserError, clean, refusal
from merchant_check.read.content import CHUNK, Content, before, chunks, first, kept, line_at, of_file, size_of
from merchant_check.read.scratch import Scratch

MAX_RATIO = 200  # a CSV unfolds to 5-20 times its gzip; a bomb to a thousand
FREE_SIZE = 100 << 20  # bytes below which the ratio does not matter
START = 1 << 20  # bytes that tell what kind of file this is, and where its header stands
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
MOST_AT_ONCE = 1 << 20  # bytes unpacked at a time
GZIP = b"\x1f\x8b"
PARQUET = b"PAR1"
LIKE_ZLIB = (b"x\x01", b"x^")  # letters that polars takes for a compressed file
ASSUMED = "8-bit, not known which"
ENOUGH_NAMES = 3
SAY_ENCODING = "name its encoding, e.g. --encoding cp1252"
LONE_CR = re.compile(rb"\r(?!\n)")
LINE_SEPARATOR = "\u2028".encode()


@dataclass(frozen=True)
class Source:
    """A file as UTF-8 text whose lines end in LF or CRLF; or as it is, if it is Parquet. `start`: how the text begins,
    without the BOM that may stand in it."""

    name: str
    content: Content
    encoding: str
    start: str

    @property
    def is_parquet(self) -> bool:
        return self.encoding == "parquet"


def open_source(path: str, name: str, known: Callable[[str], int], wanted: str | None, scratch: Scratch) -> Source:
    """Read a file (`-`: standard input) as text; `name` is what reports and errors call it.

    Only an encoding that proves itself is accepted, unless the user names one (`wanted`): UTF-8, UTF-16 or UTF-32 by
    their marks, and GB18030 where `known` (how many known header names outside ASCII a text holds) vouches for it.
    Other 8-bit text is read byte by byte (ASSUMED): good as long as nothing but names depends on it, which who reads
    the cells must check.
    The file is read in chunks; a copy is made, in `scratch` if it is large, only where bytes must be changed.
    Raises UserError when the file can't be opened, is no text, or is damaged.
    """
    try:
        raw = _unpacked(name, _content(path, name, scratch), scratch)
        if first(raw, len(PARQUET)) == PARQUET:
            return Source(name, raw, "parquet", "")
        _refuse_other_files(name, first(raw, START))
        text, encoding, survey = _as_utf8(name, raw, known, wanted, scratch)
        if survey.nul is not None:
            reason, remedy = "holds a NUL byte: a binary or damaged file", "export it again as CSV UTF-8"
            raise refusal(name, "nul-byte", reason, remedy, line_at(text, survey.nul))
        text = _plain_line_ends(text, survey, scratch)
        start = first(text, START)
        if start.startswith(LIKE_ZLIB):
            text = kept(chain([codecs.BOM_UTF8], chunks(text)), scratch)
        return Source(name, text, encoding, start.decode("utf-8", "ignore").lstrip("\ufeff"))
    except IsADirectoryError:
        raise refusal(name, "is-a-folder", "this is a directory", "name the files in it, e.g. folder/*.csv") from None
    except OSError as error:
        raise _cannot_open(name, error.strerror or str(error)) from None


def _cannot_open(name: str, reason: str) -> UserError:
    remedy = "check the path and permissions; web addresses are not fetched"
    return refusal(name, "cannot-open", f"cannot open it: {clean(reason, 80)}", remedy)


def _content(path: str, name: str, scratch: Scratch) -> Content:
    """The bytes of a file. What can be read only once, as a pipe, is kept: files may be opened in more than one way."""
    if path in scratch.streams:
        return scratch.streams[path]
    try:
        if path != "-" and Path(path).is_file():
            return of_file(Path(path))
        with nullcontext(_standard_input()) if path == "-" else Path(path).open("rb") as stream:
            return scratch.streams.setdefault(path, kept(iter(partial(stream.read, CHUNK), b""), scratch))
    except ValueError as error:  # a path with a NUL in it, or standard input that is closed
        raise _cannot_open(name, str(error)) from None


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise OSError(0, "standard input is closed")
    return sys.stdin.buffer


def _unpacked(name: str, packed: Content, scratch: Scratch) -> Content:
    """The contents of a gzip file, all its members; as it is if it is none."""
    if first(packed, len(GZIP)) != GZIP:
        return packed
    try:
        return kept(_within_limit(name, packed), scratch)
    except (zlib.error, EOFError) as error:
        reason = f"the gzip file is truncated or corrupt ({error})"
        raise refusal(name, "corrupt-gzip", reason, "download or compress it again") from None


def _within_limit(name: str, packed: Content) -> Iterator[bytes]:
    size, limit = 0, max(FREE_SIZE, size_of(packed) * MAX_RATIO)
    for piece in _inflated(chunks(packed)):
        size += len(piece)
        if size > limit:
            reason = f"unfolds to over {MAX_RATIO} times its size, the limit for gzip files"
            raise refusal(name, "too-large", reason, "unpack it yourself and pass the CSV")
        yield piece


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    """The text of all members of a gzip file, in pieces of limited size."""
    data = b""
    while True:
        while len(data) < len(GZIP) and (more := next(packed, b"")):
            data = (data + more).lstrip(b"\0")  # members may be padded
        if not data.startswith(GZIP):
            return
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        while not member.eof:
            piece = member.decompress(data, MOST_AT_ONCE)
            data = member.unconsumed_tail
            if not piece and not data and not member.eof:
                data = next(packed, b"")
                if not data:
                    raise EOFError("it ends too early")
            yield piece
        data = member.unused_data.lstrip(b"\0")


def _refuse_other_files(name: str, start: bytes) -> None:
    start = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if not start.strip(b"\0\xff\xfe"):
        raise refusal(name, "empty-file", "the file is empty", "export it again")
    for magic, (what, remedy) in NOT_CSV.items():
        if start.startswith(magic):
            raise refusal(name, "not-csv", f"this is {what}, not CSV", remedy)


@dataclass
class _Survey:
    """What one pass over a text's bytes tells; `bad` and `nul`: where the first byte that is not UTF-8, or NUL, is."""

    bad: int | None = None
    bad_byte: int = 0
    nul: int | None = None
    lone_crs: int = 0
    has_lf: bool = False
    has_separator: bool = False  # told only of a text without LF


def _survey(data: Content) -> _Survey:
    """Look at every byte, up to the first that is not UTF-8.

    To ask whether a byte is in a chunk is many times cheaper than to count it, so nothing is counted needlessly.
    """
    found = _Survey()
    utf8 = codecs.getincrementaldecoder("utf-8")()
    offset, tail = 0, b""
    for chunk in chain(chunks(data), [b""]):
        if not chunk.isascii() or utf8.getstate()[0]:
            try:
                utf8.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                found.bad = offset + len(chunk) - len(error.object) + error.start
                found.bad_byte = error.object[error.start]
                return found
        if found.nul is None and b"\0" in chunk:
            found.nul = offset + chunk.index(b"\0")
        if b"\r" in chunk:
            found.lone_crs += chunk.count(b"\r") - chunk.count(b"\r\n")
        if tail.endswith(b"\r") and chunk.startswith(b"\n"):
            found.lone_crs -= 1
        if not found.has_lf:
            found.has_lf = b"\n" in chunk
            found.has_separator = found.has_separator or LINE_SEPARATOR in tail + chunk
        tail = (tail + chunk[-2:])[-2:]
        offset += len(chunk)
    return found


def _as_utf8(
    name: str, data: Content, known: Callable[[str], int], wanted: str | None, scratch: Scratch
) -> tuple[Content, str, _Survey]:
    """The text in UTF-8, the encoding it was in, and what its bytes tell."""
    encoding = _told(name, wanted) if wanted else _by_its_start(first(data, 1000))
    if encoding in (None, "utf-8"):
        survey = _survey(data)
        if survey.bad is None:
            return data, "utf-8", survey
        if encoding:
            raise _not_whole(name, encoding, line_at(data, survey.bad))
        encoding = _not_utf8(name, data, survey.bad, survey.bad_byte, known)
    text = kept(_transcoded(name, data, encoding), scratch)
    return text, encoding, _survey(text)


def _told(name: str, wanted: str) -> str:
    """The encoding that the user names."""
    try:
        encoding = codecs.lookup(wanted).name
        "".encode(encoding)  # hex and the like are codecs too, but for bytes
    except (LookupError, ValueError):
        remedy = "pass one such as utf-8, cp1252, gb18030, shift_jis"
        raise refusal(name, "unknown-encoding", f"there is no encoding {clean(wanted)!r}", remedy) from None
    return encoding


def _by_its_start(start: bytes) -> str | None:
    """UTF-16 or UTF-32, by the BOM, or by the NULs in every other byte that Latin text has in UTF-16."""
    if encoding := next((how for bom, how in BOMS.items() if start.startswith(bom)), None):
        return encoding
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) < 0.2 * len(start) or min(even, odd) > 0.1 * max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _not_utf8(name: str, data: Content, bad: int, byte: int, known: Callable[[str], int]) -> str:
    """The encoding of text that is not UTF-8. Three Chinese header names that we know prove GB18030: no chance gives
    that."""
    if known(first(data, 20_000).decode("gb18030", "ignore")) >= ENOUGH_NAMES:
        return "gb18030"
    if all(chunk.isascii() for chunk in before(data, bad)):
        return ASSUMED
    reason = f"byte 0x{byte:02x} is not UTF-8, though the text before it is"
    raise refusal(name, "unknown-encoding", reason, f"mend that line, or {SAY_ENCODING}", line_at(data, bad))


def _transcoded(name: str, data: Content, encoding: str) -> Iterator[bytes]:
    """The text in UTF-8, piece by piece."""
    codec = "latin-1" if encoding == ASSUMED else encoding
    if codec in ("utf-16", "utf-32") and not first(data, 4).startswith(tuple(BOMS)):
        codec += "-le" if sys.byteorder == "little" else "-be"
    decoder = codecs.getincrementaldecoder(codec)()
    offset = 0
    for chunk in chain(chunks(data), [b""]):
        offset += len(chunk)
        try:
            yield decoder.decode(chunk, final=not chunk).encode("utf-8", "replace")
        except UnicodeDecodeError as error:
            raise _not_whole(name, encoding, line_at(data, offset - len(error.object) + error.start)) from None
        except UnicodeError:
            raise _not_whole(name, encoding, 1) from None


def _not_whole(name: str, encoding: str, line: int) -> UserError:
    reason = f"is not whole {encoding}: truncated, or in another encoding"
    return refusal(name, "unknown-encoding", reason, f"export it again, or {SAY_ENCODING}", line)


def _plain_line_ends(text: Content, survey: _Survey, scratch: Scratch) -> Content:
    """CR alone, and CR CR LF, are line ends too, where they are many; a few are text that strayed into a cell."""
    if survey.has_separator and not survey.has_lf:
        return kept(_changed(text, lambda piece: piece.replace(LINE_SEPARATOR, b"\n"), LINE_SEPARATOR[:-1]), scratch)
    if not survey.lone_crs:
        return text
    lines = sum(chunk.count(b"\n") for chunk in chunks(text))
    few = survey.lone_crs < FEW_CRS * lines
    return kept(_changed(text, _without_lone_crs if few else _with_lfs, b"\r"), scratch)


def _without_lone_crs(piece: bytes) -> bytes:
    return LONE_CR.sub(b" ", piece)


def _with_lfs(piece: bytes) -> bytes:
    return piece.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _changed(text: Content, change: Callable[[bytes], bytes], torn: bytes) -> Iterator[bytes]:
    """The text with a change made piece by piece; no piece ends in one of the `torn` bytes, which the next byte may
    belong to."""
    rest = b""
    for chunk in chunks(text):
        whole = (rest + chunk).rstrip(torn)
        rest = (rest + chunk)[len(whole) :]
        yield change(whole)
    yield change(rest)
