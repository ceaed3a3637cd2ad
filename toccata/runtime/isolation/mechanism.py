"""The ways to isolate a script. Each gives the command that runs another command isolated, and knows no flow and no worker.

Root keeps the rights that Docker gives by default, so that scripts can install packages. It cannot mount, trace, or change the
kernel's settings. But it can still change files of the whole machine outside of what is hidden.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from shlex import quote
from typing import Literal, Protocol

from toccata.runtime.isolation.place import Place

Name = Literal["none", "bubblewrap", "namespaces", "account"]
_ROOT_KEEPS = (
    *("chown", "dac_override", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap"),
    *("net_bind_service", "net_raw", "sys_chroot", "audit_write", "setfcap"),
)
_KERNEL = ("/proc/sys", "/proc/sysrq-trigger", "/sys")
"""Root could take over the machine by writing there."""
_FIRST_USER = 1_000_000_000
_USERS = 1_000_000_000


class Mechanism(Protocol):
    name: Name
    isolates: str
    """What it hides, as a clause for people."""
    needs: str
    """What a machine must have for it."""

    def scratch(self, folder: Path) -> Path:
        """The parent of working directories, ready for use. ``folder`` is the worker's own place for it."""
        ...

    def command(self, argv: Sequence[str], directory: Path, place: Place) -> list[str]:
        """Start this in ``directory`` to run ``argv`` there. Blocks if files change hands, so call it in a thread."""
        ...


class Bare:
    name: Name = "none"
    isolates = "nothing: scripts see all that the worker's user can see"
    needs = "nothing"

    def scratch(self, folder: Path) -> Path:
        return folder

    def command(self, argv: Sequence[str], directory: Path, place: Place) -> list[str]:  # noqa: ARG002
        return _within_limits(place, argv)


class Bubblewrap:
    name: Name = "bubblewrap"
    isolates = "scripts see no other process, no data directory, no secret file, no other attempt's files"
    needs = "the program bwrap (package bubblewrap), and a kernel that lets this user make namespaces"

    def scratch(self, folder: Path) -> Path:
        return folder

    def command(self, argv: Sequence[str], directory: Path, place: Place) -> list[str]:
        options = ["--unshare-pid", "--unshare-ipc", "--bind", "/", "/", "--dev-bind", "/dev", "/dev"]
        options += ["--proc", "/proc"]
        if os.geteuid() == 0:
            options += [part for path in _KERNEL for part in ("--ro-bind-try", path, path)]
            options += ["--cap-drop", "ALL"]
            options += [part for name in _ROOT_KEEPS for part in ("--cap-add", f"CAP_{name.upper()}")]
        for path in place.hidden:
            covered = (
                ("--size", "65536", "--tmpfs", str(path))
                if path.is_dir()
                else ("--ro-bind", "/dev/null", str(path))
            )
            options += covered
        options += ["--bind", str(directory), str(directory), "--chdir", str(directory)]
        options += [] if place.network else ["--unshare-net"]
        return _within_limits(place, ["bwrap", *options, "--", *argv])


class Namespaces:
    name: Name = "namespaces"
    isolates = Bubblewrap.isolates
    needs = (
        "unshare and setpriv of util-linux 2.38 or newer, and a kernel that lets this user make namespaces"
    )

    def scratch(self, folder: Path) -> Path:
        return folder

    def command(self, argv: Sequence[str], directory: Path, place: Place) -> list[str]:
        root = os.geteuid() == 0
        options = ["--mount", "--mount-proc", "--pid", "--ipc", "--fork"]
        options += [] if root else ["--user", "--map-current-user", "--keep-caps"]
        options += [] if place.network else ["--net"]
        script = _setting_up(place, root=root)
        return _within_limits(
            place, ["unshare", *options, "--", "/bin/sh", "-c", script, "sh", str(directory), *argv]
        )


class Account:
    """Each attempt runs as a user of its own, which needs no entry in the system's list of users. The worker need not be root: in
    compose it keeps, as another user, the capabilities for this alone."""

    name: Name = "account"
    isolates = (
        "each attempt is another user: scripts see names of processes, but nothing in them, no data directory, no"
        " secret file, no other attempt's files"
    )
    needs = (
        "the right to change users (root, or the capabilities for it), setpriv of util-linux, and programs that every"
        " user can run"
    )

    def scratch(self, folder: Path) -> Path:
        """Outside the data directory, which is closed to other users. What a dead worker left there is removed."""
        mark = blake2b(str(folder).encode(), digest_size=8).hexdigest()
        place = Path(tempfile.gettempdir()) / f"toccata-scripts-{mark}"
        if place.is_symlink() or (place.exists() and place.stat().st_uid != os.geteuid()):
            raise PermissionError(f"{place} belongs to somebody else: remove it")
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o711)
        place.chmod(0o711)
        return place

    def command(self, argv: Sequence[str], directory: Path, place: Place) -> list[str]:
        user = _FIRST_USER + secrets.randbelow(_USERS)
        _give(directory, user)
        limits = [
            "--clear-groups",
            "--no-new-privs",
            "--inh-caps=-all",
            "--ambient-caps=-all",
            "--bounding-set=-all",
        ]
        line = 'HOME="$1"; export HOME; shift; exec "$@"'
        changed = [
            "setpriv",
            f"--reuid={user}",
            f"--regid={user}",
            *limits,
            "--",
            "/bin/sh",
            "-c",
            line,
            "sh",
        ]
        return _within_limits(place, [*changed, str(directory), *argv])


def _give(directory: Path, user: int) -> None:
    """Links are not followed: they would give away files elsewhere."""
    os.chown(directory, user, user)
    for folder, names, files in os.walk(directory):
        for name in (*names, *files):
            os.chown(Path(folder) / name, user, user, follow_symlinks=False)


def _setting_up(place: Place, *, root: bool) -> str:
    """A shell script: hide, then run the command as a child of the shell. As the first process of its namespace, a program
    would not be ended by its own signals."""
    lines = ["set -e"]
    if root:
        lines += [f"[ ! -e {path} ] || mount -o bind,ro {path} {path}" for path in _KERNEL]
    for path in place.hidden:
        if path.is_dir():
            lines.append(f"mount -t tmpfs -o size=64k,mode=755 tmpfs {quote(str(path))}")
        else:
            lines.append(f"mount --bind /dev/null {quote(str(path))}")
    kept = "".join(f",+{name}" for name in _ROOT_KEEPS) if root else ""
    lines += ['mkdir -p "$1"', 'mount --no-canonicalize --bind . "$1"', 'cd "$1"', "shift", "set +e"]
    lines += [
        f'setpriv --no-new-privs --inh-caps=-all --ambient-caps=-all --bounding-set=-all{kept} -- "$@"',
        "exit $?",
    ]
    return "\n".join(lines)


def _within_limits(place: Place, argv: Sequence[str]) -> list[str]:
    """The worker's own limit of memory is for templates, so a script gets what the setting says. Only root without an isolation can
    lift it."""
    memory = (
        f'ulimit -d {place.memory_mb * 1024} || {{ echo "the limit of memory cannot be set here" >&2; exit 126; }}'
        if place.memory_mb
        else "ulimit -S -d $(ulimit -H -d) 2>/dev/null"
    )
    return ["/bin/sh", "-c", f'umask {place.umask}; {memory}; exec "$@"', "sh", *argv]
