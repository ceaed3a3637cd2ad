"""Addresses and names that go to Git, which takes some of them for commands. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from toccata.plugin import TaskFailed

_HELPER = re.compile(r"[A-Za-z0-9+.-]+::")
_SCP = re.compile(r"(?:[\w.+~-]+@)?[A-Za-z0-9_][\w.-]*:(?!/{2})[^\s]+")
_NAME = re.compile(r"[^\s\x00-\x20\x7f~^:?*\[\\-][^\s\x00-\x20\x7f~^:?*\[\\]*")
_COMMIT = re.compile(r"[0-9A-Fa-f]{4,64}")
REMOTE = ("https", "http", "ssh")


def address_of(url: str | None, local: Sequence[Path]) -> str:
    """The address as Git gets it. ``local``: folders of this machine in which repositories may be. Raise TaskFailed."""
    if not url:
        raise TaskFailed("url: is needed")
    if url.startswith("-") or _HELPER.match(url) or any(ord(each) <= 32 for each in url):
        raise TaskFailed(f"url: `{_shown(url)}` is no address of a repository")
    scheme, separator, _ = url.partition("://")
    if separator and scheme in REMOTE:
        host = urlsplit(url).hostname
        if not host or host.startswith("-"):
            raise TaskFailed(f"url: `{_shown(url)}` names no host")
        return url
    if separator and scheme != "file":
        raise TaskFailed(f"url: `{scheme}` is not allowed: use https, ssh or http")
    if not separator and not url.startswith(("/", ".")):
        if _SCP.fullmatch(url):
            return url
        raise TaskFailed(f"url: `{_shown(url)}` is no address of a repository")
    path = Path(unquote(urlsplit(url).path) if separator else url).resolve()
    if not any(path.is_relative_to(each) for each in local):
        raise TaskFailed(
            f"url: `{url}` is on the worker's machine. Whoever runs the worker can allow it: TOCCATA_WORKER_LOCAL_PATHS={path}"
        )
    return f"file://{path}"


def ref_of(name: str, what: str) -> str:
    """A branch or tag. Raise TaskFailed for what Git would not take, or would take for an option."""
    if not _NAME.fullmatch(name) or ".." in name or name.endswith((".lock", "/", ".")) or "@{" in name:
        raise TaskFailed(f"{what}: `{name}` is no name of a branch or tag")
    return name


def commit_of(text: str) -> str:
    if not _COMMIT.fullmatch(text):
        raise TaskFailed(f"commit: `{text}` is no hash of a commit")
    return text


def page_of(url: str, branch: str, commit: str) -> str | None:
    """The page of a commit. None for repositories that have no pages."""
    found = re.fullmatch(r"(?:ssh://)?[\w.+~-]+@([\w.-]+)(?::\d+/|[:/])(.+)", url)
    if found is not None:
        base = f"https://{found[1]}/{found[2]}"
    elif url.startswith(("https://", "http://")):
        parts = urlsplit(url)
        host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
        base = f"{parts.scheme}://{host}{parts.path}"
    else:
        return None
    base = base.rstrip("/").removesuffix(".git")
    page = f"{base}/{'commits' if 'bitbucket.org' in base else 'commit'}/{commit}"
    return f"{page}?refName=refs%2Fheads%2F{branch}" if "azure.com" in base else page


def _shown(url: str) -> str:
    """Without a password."""
    return re.sub(r"//[^/@]*@", "//", url)[:200]
