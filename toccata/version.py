"""The version of this installation."""

from __future__ import annotations

from pathlib import Path

_PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def version() -> str:
    """Of a source tree, as its pyproject.toml says: a package of another version may be installed beside it. Else as the
    installed package says."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    if _PROJECT.is_file():
        return _of_the_tree()
    try:
        return installed("toccata")
    except PackageNotFoundError:
        return "(not installed)"


def _of_the_tree() -> str:
    import tomllib

    project = tomllib.loads(_PROJECT.read_text("utf-8"))["project"]
    return str(project["version"])
