"""Checks how a worker on this machine would isolate scripts."""

from __future__ import annotations

import os
from typing import get_args

from toccata.cli.doctor.finding import Finding
from toccata.runtime.errors import Fatal
from toccata.runtime.isolation.choice import BEST_FIRST, Isolation, Wanted, choose
from toccata.runtime.isolation.place import Place
from toccata.runtime.variables import variables

_ROOT = "But root's scripts can change files of the whole machine, also Toccata's own: run Toccata as another user."


def isolation() -> Finding:
    """Try it, as a worker does at its start."""
    named = variables().get("TOCCATA_WORKER_ISOLATION") or "auto"
    wanted: Wanted | None = next((each for each in get_args(Wanted) if each == named), None)
    if wanted is None:
        return Finding(
            "isolation",
            "bad",
            f"there is none of this name: {named}",
            f"One of {', '.join(get_args(Wanted))}.",
        )
    try:
        return found(choose(wanted, Place(())), root=os.geteuid() == 0)
    except Fatal as error:
        return Finding(
            "isolation", "bad", f"{error}.", "Set TOCCATA_WORKER_ISOLATION to `auto`, or to `none`."
        )


def found(chosen: Isolation, *, root: bool) -> Finding:
    name = chosen.mechanism.name
    text = f"{name}: {chosen.mechanism.isolates}"
    if name == "none":
        refused = "; ".join(f"{each}: {why}" for each, why in chosen.refusals.items())
        advice = f"Best is {BEST_FIRST[0].needs}." + (f" Tried: {refused}." if refused else "")
        return Finding("isolation", "warn", text, advice)
    if root and name != "account":
        return Finding("isolation", "warn", text, _ROOT)
    return Finding("isolation", "ok", text)
