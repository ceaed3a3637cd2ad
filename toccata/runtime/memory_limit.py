"""The last line against an input that takes all memory: the system refuses the process more than its limit.

The limit counts what a process may write (RLIMIT_DATA). Its address space would be another measure, but that is mostly libraries
and stacks, and an arena that is only reserved counts there too. A rendering that meets the limit fails as one (MemoryError),
and the process goes on. Elsewhere the process ends, and is started again."""

from __future__ import annotations

import resource
from contextlib import suppress

_MIB = 1_048_576


def limit_memory(mebibytes: int) -> None:
    """Limit this process and the processes that it starts. 0 sets no limit. Only the soft limit is set, so a child may lift it."""
    if not mebibytes:
        return
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    wanted = mebibytes * _MIB
    # Some systems know the limit and refuse to set it.
    with suppress(ValueError, OSError):
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
