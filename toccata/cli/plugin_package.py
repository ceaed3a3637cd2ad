"""``toccata plugin new`` and ``index``: writes a third-party package and its index."""

from __future__ import annotations

import keyword
import re
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path

from toccata.cli.errors import MISUSED, CommandError
from toccata.cli.output import say

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*")


def new(name: str, folder: Path | None) -> None:
    from toccata.plugins.host.template import package_files

    package = _package_of(name)
    target = folder or Path(name)
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise CommandError(f"{target} is there already.", "Name an empty folder with --dir.", MISUSED)
        for path, text in package_files(name, package).items():
            file = target / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            say(str(file))
    except OSError as error:
        raise CommandError(
            f"{error.filename or target} cannot be written: {error.strerror or error}."
        ) from error
    say(f"Its test: {_test_command(target)}")
    say(f"Next steps are in {target / 'README.md'}.")


def _test_command(target: Path) -> str:
    """With the Python that runs this: it has Toccata, which another ``pytest`` on the path may not have."""
    python = shlex.quote(sys.executable)
    install = "" if find_spec("pytest") else f"{python} -m pip install pytest && "
    return f"{install}cd {shlex.quote(str(target))} && {python} -m pytest"


def index(folder: Path) -> None:
    from toccata.plugins.host.package import BadPackage, write_package_index

    try:
        written = write_package_index(folder)
    except BadPackage as error:
        raise CommandError(f"{error}.") from error
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be written: {error.strerror or error}.") from error
    for name in written.types:
        say(name)
    say(f"are listed in {' and '.join(map(str, written.files))}.")


def _package_of(name: str) -> str:
    package = name.replace("-", "_").lower()
    if not _NAME.fullmatch(name) or keyword.iskeyword(package):
        advice = "Use letters and digits, parts joined by a dash: acme-weather."
        raise CommandError(f"{name!r} is no name for a package.", advice, MISUSED)
    if find_spec(package) is not None:
        raise CommandError(f"There is a module {package} already.", "Choose another name.", MISUSED)
    return package
