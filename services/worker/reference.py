"""Puts large outputs of earlier tasks where expressions look for them."""

from __future__ import annotations

from typing import Any

from contracts.json_text import loads
from contracts.work import RunAttempt
from toccata.plugin import Storage


async def load_references(run: RunAttempt, storage: Storage) -> None:
    """Read them from internal storage into the attempt's variables. Raises what the storage raises, and ValueError for no JSON."""
    for reference in run.references:
        *parents, last = reference.path
        here: Any = run.variables
        for step in parents:
            here = here.setdefault(step, {})
        here[last] = loads(await storage.get(reference.uri))
