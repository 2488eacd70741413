"""A file's bytes, held in memory where they are few and left in a file where they are many, and read in chunks."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from merchant_check.read.scratch import Scratch, room_on_disk

CHUNK = 1 << 18
IN_MEMORY = 16 << 20  # bytes up to which a text is held in memory, so that usual shops need no temporary files

Content = bytes | Path
"""Bytes, or the file that holds them."""


def opened(content: Content) -> BinaryIO:
    return io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")


def chunks(content: Content) -> Iterator[bytes]:
    with opened(content) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def first(content: Content, size: int) -> bytes:
    with opened(content) as file:
        return file.read(size)


def size_of(content: Content) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def before(content: Content, offset: int) -> Iterator[bytes]:
    """The chunks up to an offset."""
    for chunk in chunks(content):
        yield chunk[:offset]
        offset -= len(chunk)
        if offset <= 0:
            return


def line_at(content: Content, offset: int) -> int:
    """The line in which a byte stands, counted from 1."""
    return sum(chunk.count(b"\n") for chunk in before(content, offset)) + 1


def of_file(path: Path) -> Content:
    """A regular file, as it stands when it is small: what is read later is then what was looked at."""
    with path.open("rb") as file:
        return file.read() if path.stat().st_size <= IN_MEMORY else path.absolute()


def kept(pieces: Iterable[bytes], scratch: Scratch) -> Content:
    """What is produced piece by piece: in memory while it is small, else in a temporary file."""
    rest = iter(pieces)
    held: list[bytes] = []
    size = 0
    for piece in rest:
        held.append(piece)
        size += len(piece)
        if size > IN_MEMORY:
            break
    else:
        return b"".join(held)
    path = scratch.path()
    with room_on_disk(), path.open("wb") as file:
        file.writelines(chain(held, rest))
    return path
