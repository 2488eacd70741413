"""How much memory a run may take: what the user says, else what the machine, or the container in it, has."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from merchant_check.errors import UserError, clean

CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
UNKNOWN = 4 << 30  # where the system does not tell: the memory of a small machine
LEAST = 64 << 20
UNITS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


def memory(wanted: str | None) -> int:
    """Bytes. Raises UserError where what is `wanted` is no size, such as 512M or 2GB."""
    return _size(wanted) if wanted else min([_machine(), *_container()])


def _size(wanted: str) -> int:
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?([KMGT]?)(I?)B?", wanted.strip().upper())
    size = float(found[1]) * (1024 if found[3] else 1000) ** UNITS[found[2]] if found else 0
    if size < LEAST:
        raise UserError(
            "wrong-usage",
            f"--memory-limit {clean(wanted)!r} is no size from {LEAST >> 20} MiB on",
            remedy="write it like 512M, 2GB or 1.5GiB",
        )
    return int(size)


def _machine() -> int:
    with suppress(AttributeError, OSError, ValueError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return UNKNOWN


def _container() -> list[int]:
    """The container's limits, where it has any ("max" is none)."""
    found = []
    for path in CGROUP_LIMITS:
        with suppress(OSError, ValueError):
            found.append(int(Path(path).read_text("ascii")))
    return found
