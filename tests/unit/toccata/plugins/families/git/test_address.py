"""Addresses and names that must never reach Git."""

from __future__ import annotations

from pathlib import Path

import pytest

from toccata.plugin import TaskFailed
from toccata.plugins.families.git.run.address import address_of, commit_of, page_of, ref_of


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.com/team/flows.git",
        "http://localhost:3000/x",
        "ssh://git@example.com:2222/x.git",
        "git@github.com:team/flows.git",
        "example.com:flows",
    ],
)
def test_addresses_of_servers_are_taken_as_they_are(url: str) -> None:
    assert address_of(url, ()) == url


@pytest.mark.parametrize(
    ("url", "text"),
    [
        (None, "url: is needed"),
        ("", "url: is needed"),
        ("ext::sh -c touch% /tmp/x", "is no address"),
        ("ext::id", "is no address"),
        ("fd::17/x", "is no address"),
        ("--upload-pack=touch /tmp/x", "is no address"),
        ("-oProxyCommand=id:x", "is no address"),
        ("ssh://-oProxyCommand=id/x", "names no host"),
        ("https:///x", "names no host"),
        ("git://example.com/x", "`git` is not allowed"),
        ("ftp://example.com/x", "`ftp` is not allowed"),
        ("https://example.com/x y", "is no address"),
        ("https://example.com/x\n", "is no address"),
        ("nonsense", "is no address"),
        ("file:///etc", "TOCCATA_WORKER_LOCAL_PATHS=/etc"),
        ("/etc", "TOCCATA_WORKER_LOCAL_PATHS"),
        ("../x", "TOCCATA_WORKER_LOCAL_PATHS"),
    ],
)
def test_other_addresses_are_refused(url: str | None, text: str) -> None:
    with pytest.raises(TaskFailed, match=text):
        address_of(url, ())


def test_a_local_repository_must_be_in_an_allowed_folder(tmp_path: Path) -> None:
    allowed, other = tmp_path / "allowed", tmp_path / "other"
    allowed.mkdir()
    other.mkdir()
    (allowed / "link").symlink_to(other)
    assert address_of(f"file://{allowed}/x.git", [allowed]) == f"file://{allowed}/x.git"
    assert address_of(f"{allowed}/x.git", [allowed]) == f"file://{allowed}/x.git"
    for url in (f"{allowed}/link", f"file://{allowed}/../other", f"file://{allowed}/%2e%2e/other"):
        with pytest.raises(TaskFailed, match="is on the worker's machine"):
            address_of(url, [allowed])


def test_a_password_in_an_address_is_not_shown() -> None:
    with pytest.raises(TaskFailed) as failure:
        address_of("https://ada:hidden@example.com/a b", ())
    assert "hidden" not in failure.value.message


@pytest.mark.parametrize("name", ["main", "feature/a-b", "v1.0", "ü"])
def test_names_of_branches_pass(name: str) -> None:
    assert ref_of(name, "branch") == name


@pytest.mark.parametrize(
    "name",
    ["", "-x", "--upload-pack=id", "a b", "a..b", "a\nb", "a:b", "+main", "a@{1}", "x.lock", "a/", "*"],
)
def test_other_names_are_refused(name: str) -> None:
    if name == "+main":
        assert ref_of(name, "branch") == name  # Git takes it as a name, and it is always behind refs/heads/
        return
    with pytest.raises(TaskFailed, match="branch: "):
        ref_of(name, "branch")


@pytest.mark.parametrize("text", ["", "HEAD", "--all", "xyz", "abc"])
def test_a_commit_is_a_hash(text: str) -> None:
    with pytest.raises(TaskFailed, match="commit: "):
        commit_of(text)


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://ada:x@github.com/team/flows.git", "https://github.com/team/flows/commit/abc"),
        ("git@github.com:team/flows.git", "https://github.com/team/flows/commit/abc"),
        ("ssh://git@gitlab.com:22/team/flows.git", "https://gitlab.com/team/flows/commit/abc"),
        ("https://bitbucket.org/team/flows", "https://bitbucket.org/team/flows/commits/abc"),
        (
            "https://dev.azure.com/team/_git/flows",
            "https://dev.azure.com/team/_git/flows/commit/abc?refName=refs%2Fheads%2Fmain",
        ),
        ("file:///srv/x.git", None),
    ],
)
def test_the_page_of_a_commit(url: str, page: str | None) -> None:
    assert page_of(url, "main", "abc") == page
