"""How many connections web may hold, as the system's limit of open files allows."""

from __future__ import annotations

import resource

from toccata.runtime.errors import Fatal

_OWN_FILES = 256
"""For Kafka, PostgreSQL, internal storage, and files that are being read."""
_FEWEST = 16


def connections_within_limits(wanted: int) -> int:
    """Raise the limit of open files as far as ``wanted`` connections need, and return how many it allows. Raise Fatal if that
    is next to none."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _OWN_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    allowed = wanted if soft == resource.RLIM_INFINITY else min(wanted, soft - _OWN_FILES)
    if allowed < _FEWEST:
        raise Fatal(f"only {soft} files may be open: raise the limit (ulimit -n) to {needed}")
    return allowed
