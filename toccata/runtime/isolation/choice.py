"""Finds out which isolation works here: each mechanism runs a program that tries to see what it must not see."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from toccata.runtime.errors import Fatal
from toccata.runtime.isolation.mechanism import Account, Bare, Bubblewrap, Mechanism, Namespaces
from toccata.runtime.isolation.place import Place

Wanted = Literal["auto", "none", "bubblewrap", "namespaces", "account"]
BEST_FIRST: tuple[Mechanism, ...] = (Bubblewrap(), Namespaces(), Account())
_SECONDS = 60
_PROBE = """
[ "$(cat mine)" = mine ] || { echo "the working directory is not there"; exit 1; }
[ ! -s "$1" ] || { echo "the hidden file is visible"; exit 1; }
if cat /proc/[0-9]*/environ 2>/dev/null | grep -q "$2"; then echo "environments of other processes are readable"; exit 1; fi
"$3" -S -c pass || { echo "$3 cannot be run"; exit 1; }
"""


@dataclass(frozen=True, slots=True)
class Isolation:
    """What was chosen for all scripts of a worker."""

    mechanism: Mechanism
    place: Place
    refusals: Mapping[str, str]
    """Why the better ones do not work here, by name."""

    def command(self, argv: Sequence[str], directory: Path) -> list[str]:
        """Start this in ``directory``. Blocks for a moment, so call it in a thread."""
        return self.mechanism.command(argv, directory, self.place.now())


NO_ISOLATION = Isolation(Bare(), Place(()), {})


def choose(wanted: Wanted, place: Place) -> Isolation:
    """Blocks while it tries. Raises Fatal if one is named that does not work, or if nothing can take the network away."""
    named = [each for each in (*BEST_FIRST, Bare()) if each.name == wanted]
    refusals: dict[str, str] = {}
    for mechanism in named or BEST_FIRST:
        refusal = None if mechanism.name == "none" else why_not(mechanism, place)
        if refusal is None:
            return _checked(Isolation(mechanism, place, refusals))
        refusals[mechanism.name] = refusal
    if named:
        raise Fatal(
            f"TOCCATA_WORKER_ISOLATION={wanted} does not work here: {refusals[wanted]}. It needs {named[0].needs};"
            " `auto` takes what works"
        )
    return _checked(Isolation(Bare(), place, refusals))


def why_not(mechanism: Mechanism, place: Place) -> str | None:
    """None if it isolates on this machine; otherwise the reason."""
    try:
        with tempfile.TemporaryDirectory(prefix="toccata-probe-") as folder:
            return _tried(mechanism, Path(folder).resolve(), place)
    except subprocess.TimeoutExpired:
        return f"it did not end within {_SECONDS} s"
    except OSError as error:
        return f"{error.filename or mechanism.name}: {error.strerror or error}"


def _tried(mechanism: Mechanism, folder: Path, place: Place) -> str | None:
    hidden = folder / "hidden"
    hidden.mkdir(mode=0o700)
    (hidden / "secret").write_text("secret")
    scratch = mechanism.scratch(hidden)
    directory = Path(tempfile.mkdtemp(dir=scratch))
    (directory / "mine").write_text("mine")
    probed = replace(place.now(), hidden=(*place.now().hidden, hidden))
    token = secrets.token_hex(16)
    argv = ["/bin/sh", "-c", _PROBE, "sh", str(hidden / "secret"), token, sys.executable]
    try:
        with _bystander(token):
            ran = subprocess.run(  # noqa: S603 - our own probe
                mechanism.command(argv, directory, probed),
                cwd=directory,
                env={"PATH": os.environ.get("PATH", os.defpath)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=_SECONDS,
                check=False,
            )
    finally:
        if scratch != hidden:
            shutil.rmtree(scratch, ignore_errors=True)
    if ran.returncode == 0:
        return None
    said = ran.stdout.decode(errors="replace").strip().splitlines()
    return said[-1] if said else f"it ended with exit code {ran.returncode}"


@contextmanager
def _bystander(token: str) -> Iterator[None]:
    """Another process of this user, with a secret in its environment."""
    with subprocess.Popen(["/bin/cat"], env={"TOKEN": token}, stdin=subprocess.PIPE) as other:
        try:
            yield
        finally:
            other.communicate()


def _checked(chosen: Isolation) -> Isolation:
    if not chosen.place.network and chosen.mechanism.name in {"none", "account"}:
        raise Fatal(
            "TOCCATA_WORKER_SCRIPT_NETWORK=false does not work here: only bubblewrap and namespaces can take the network away"
            f" ({'; '.join(f'{name}: {why}' for name, why in chosen.refusals.items()) or chosen.mechanism.name})"
        )
    return chosen
