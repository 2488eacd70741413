"""Rows that are needed more than once are held in memory; where they are too many for that, in parts on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import polars as pl

from merchant_check.read.scratch import Scratch, room_on_disk
from merchant_check.watch import Watch

ROW_BYTES = 60  # what a narrow row takes in memory
MEMORY_SHARE = (
    4  # rows may fill a quarter of the memory: their sorting takes as much, the rest is polars' and the file's
)
MOST_HELD = 512 << 20  # bytes of rows; reading more than these from disk costs a tenth, and leaves the memory to others
PART_ROWS = 1 << 21  # a part is read, sorted and counted in one piece, near the processor
MOST_PARTS = 256
STREAMED = 1 << 17  # rows up to which the start of a streaming query takes longer than the query
GROUP_ROWS = 1 << 15  # rows of each part that wait in memory until they are written


def best_engine(rows: int) -> Literal["streaming", "in-memory"]:
    """How polars takes so many rows best: streaming needs less memory and time for many, but takes long to begin."""
    return "streaming" if rows > STREAMED else "in-memory"


@dataclass(frozen=True)
class Held:
    """Rows in a `number` of parts by a key: all rows of one key are in one part. They are a frame in memory, to be
    split by `part`, or one frame `on_disk` for each part."""

    whole: pl.LazyFrame
    on_disk: tuple[pl.LazyFrame, ...] | None
    part: pl.Expr
    number: int

    def each(self, change: Callable[[pl.LazyFrame], pl.LazyFrame]) -> Held:
        """The same change in every part, to be made when they are read."""
        if self.on_disk is None:
            return replace(self, whole=change(self.whole))
        parts = tuple(map(change, self.on_disk))
        return replace(self, whole=pl.concat(parts), on_disk=parts)

    def joined(self, other: Held) -> Held:
        """These rows and others that are in the same parts."""
        whole = pl.concat([self.whole, other.whole], how="diagonal")
        if self.on_disk is None:
            return replace(self, whole=whole)
        parts = zip(self.on_disk, other.split(), strict=True)
        return replace(self, whole=whole, on_disk=tuple(pl.concat(both, how="diagonal") for both in parts))

    def marked(self, **columns: pl.Expr) -> Held:
        """The rows with further columns; in memory they are computed here, once."""
        marked = self.each(lambda rows: rows.with_columns(**columns))
        return replace(marked, whole=marked.whole.collect().lazy()) if self.on_disk is None else marked

    def split(self) -> tuple[pl.LazyFrame, ...]:
        """The parts."""
        if self.on_disk is not None:
            return self.on_disk
        rows = self.whole.collect(engine="streaming").lazy()
        return tuple(rows.filter(self.part == each) for each in range(self.number)) if self.number > 1 else (rows,)


@dataclass(frozen=True)
class Space:
    """How much memory a run may take (bytes), where it puts what is more, and whom it tells how reading goes on."""

    scratch: Scratch
    memory: int
    watch: Watch = field(default_factory=Watch)

    def fits(self, rows: int) -> bool:
        """So many narrow rows may be held in memory."""
        return rows * ROW_BYTES <= min(self.memory // MEMORY_SHARE, MOST_HELD)

    def hold(self, frames: Sequence[pl.LazyFrame], key: pl.Expr, rows: int, parts: int | None = None) -> Held:
        """Compute frames of together about so many `rows`, and hold them in parts by `key` (UInt64, never null)."""
        number = parts or min(MOST_PARTS, max(1, rows // PART_ROWS))
        part = (key % number).cast(pl.UInt8)
        if self.fits(rows):
            whole = pl.concat([frame.collect(engine=best_engine(rows)) for frame in frames], how="diagonal").lazy()
            return Held(whole, None, part, number)
        on_disk = tuple(self._on_disk(pl.concat(frames, how="diagonal"), part, number))
        return Held(pl.concat(on_disk), on_disk, part, number)

    def keep(self, frame: pl.DataFrame, rows: int) -> pl.LazyFrame:
        """One of several frames of together about so many rows."""
        if self.fits(rows):
            return frame.lazy()
        path = self.scratch.path()
        with room_on_disk():
            frame.write_parquet(path, compression="uncompressed", statistics=False)
        return pl.scan_parquet(path)

    def _on_disk(self, rows: pl.LazyFrame, part: pl.Expr, number: int) -> Iterator[pl.LazyFrame]:
        folder = self.scratch.path()
        with room_on_disk():
            rows.with_columns(part=part).sink_parquet(
                pl.PartitionBy(folder, key="part", include_key=False),
                compression="uncompressed",
                statistics=False,
                row_group_size=GROUP_ROWS,
                mkdir=True,
                engine="streaming",
            )
        for each in range(number):
            files = folder / f"part={each}"
            yield pl.scan_parquet(files / "*.parquet") if files.exists() else pl.LazyFrame(schema=rows.collect_schema())
