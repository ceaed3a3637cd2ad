"""``python -m docs.generate [--site FOLDER] [--pages FOLDER]`` builds the site into ``services/web/docs``, from which web serves
it, or into another folder. With ``--pages`` it only writes the Markdown.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from docs.generate.assemble import assemble
from docs.generate.polish import polish

ROOT = Path(__file__).parents[2]
_COLOURS = re.compile("\x1b\\[[0-9;]*m")
SITE = ROOT / "services" / "web" / "docs"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m docs.generate", description="Builds the documentation.")
    parser.add_argument(
        "--site", type=Path, default=SITE, help="folder of the built site; its old content is removed"
    )
    parser.add_argument("--pages", type=Path, help="only write the Markdown, into this folder")
    given = parser.parse_args()
    if given.pages is not None:
        assemble(given.pages)
        return 0
    with tempfile.TemporaryDirectory(prefix="toccata-docs-") as folder:
        return _build(Path(folder), given.site)


def _build(folder: Path, target: Path) -> int:
    """Replace the old site only when the new one is complete, so that a failed build removes nothing."""
    assemble(folder)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--config-file", "mkdocs.yml"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if result.returncode:
        # A strict build of Zensical ends with a traceback, which adds nothing.
        reason = _COLOURS.sub("", result.stdout + result.stderr).split("Traceback (most recent call last)")[0]
        sys.stderr.write(f"{reason.rstrip()}\nThe documentation was not built.\n")
        return 1
    site = folder / "site"
    problems = polish(site)
    if problems:
        sys.stderr.write("\n".join(problems) + "\nThe documentation was not built.\n")
        return 1
    _replace(target, site)
    return 0


def _replace(target: Path, site: Path) -> None:
    """By a rename: a web that is just looking never finds half a site."""
    new = target.with_name(f".{target.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(site, new)
    shutil.rmtree(target, ignore_errors=True)
    new.rename(target)


if __name__ == "__main__":
    sys.exit(main())
