"""Commits what changed in a clone, and pushes it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from toccata.plugin import RunContext, TaskFailed, scratch, stored
from toccata.plugins.families.git.run.address import page_of, ref_of
from toccata.plugins.families.git.run.command import Git
from toccata.rows.write import write_rows

_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_NOBODY = "toccata@localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    message: str
    branch: str
    name: str | None = None
    email: str | None = None

    def environment(self) -> dict[str, str]:
        name, email = self.name or "Toccata", self.email or _NOBODY
        return {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", name), ("EMAIL", email))
        }


async def pushed(git: Git, folder: Path, commit: Commit) -> str | None:
    """Commit what is staged and push it. The hash of the commit; None if nothing is staged. Raise TaskFailed."""
    code, _, complaint = await git.try_(folder, "diff", "--cached", "--quiet", "--no-ext-diff")
    if code == 0:
        git.run.log("INFO", "No changes to commit. Skipping push.")
        return None
    if code != 1:
        raise TaskFailed(f"git diff: {complaint.strip()}")
    # Hooks of a clone are its own, and nobody else's: but an input file may have written one.
    await git(
        folder,
        "commit",
        "--quiet",
        "--no-verify",
        "--no-gpg-sign",
        "--file=-",
        stdin=commit.message.encode(),
        more=commit.environment(),
    )
    branch = ref_of(commit.branch, "branch")
    await git(folder, "push", "--quiet", "--no-verify", "--", git.url, f"HEAD:refs/heads/{branch}")
    found = (await git(folder, "rev-parse", "HEAD")).strip()
    git.run.log("INFO", f"Pushed to {page_of(git.url, branch, found) or git.url}")
    return found


async def changes(git: Git, folder: Path) -> str:
    """URI of a file with a row for each file whose change is staged."""
    run: RunContext = git.run
    names = (
        await git(folder, "diff", "--cached", "--name-only", "--no-renames", "--no-ext-diff", "-z")
    ).split("\0")[:-1]
    place = await scratch(run)
    with await asyncio.to_thread((place / "diff").open, "wb") as file:
        code, _, complaint = await git.try_(
            folder, "diff", "--cached", "--unified=0", "--no-renames", "--no-ext-diff", "--no-color", to=file
        )
    if code:
        raise TaskFailed(f"git diff: {complaint.strip()}")
    await asyncio.to_thread(_count, place, names)
    return await stored(run, place / "rows", ".ion")


def _count(place: Path, names: list[str]) -> None:
    rows: list[dict[str, int]] = []
    with (place / "diff").open("rb") as file:
        for line in file:
            if line.startswith(b"diff --git "):
                rows.append({"additions": 0, "deletions": 0, "changes": 0})
            elif (found := _HUNK.match(line)) is not None and rows:
                before, after = (1 if each is None else int(each) for each in found.groups())
                kind = "additions" if after > before else "deletions" if after < before else "changes"
                rows[-1][kind] += abs(after - before) or after
    with (place / "rows").open("wb") as out:
        write_rows(
            out,
            (
                {
                    "file": name,
                    "additions": f"+{row['additions']}",
                    "deletions": f"-{row['deletions']}",
                    "changes": str(row["changes"]),
                }
                for name, row in zip(names, rows, strict=True)
            ),
        )
