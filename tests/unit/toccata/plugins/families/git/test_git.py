"""Git tasks on the worker's own runner, with real repositories: on this machine, and over HTTP with a sign-in."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from contracts.codec import Codec
from contracts.execution import AttemptEnded
from tests.support.attempt import Bench, a_run
from tests.support.example import example
from tests.support.outcome import good, why
from tests.unit.toccata.plugins.families.git.repository import Repository, git, git_server
from toccata.plugin import TaskType, read_row
from toccata.plugins.families.git import types

PLACE = "kestra:///company/team/f/executions/e1/"
FLOW = {"flow": {"id": "f", "namespace": "company.team"}, "execution": {"id": "e1"}}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repositories")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    secrets = {"SECRET_GIT_TOKEN": b64encode(b"token-of-the-bot").decode()}
    return Bench(tmp_path / "bench", secrets, local_paths=(tmp_path / "repositories",))


async def done(bench: Bench, task: TaskType, written: dict[str, Any], **variables: Any) -> dict[str, Any]:
    return good(await bench.run(task, written, variables={**FLOW, **variables}))


async def rows(bench: Bench, uri: str) -> list[dict[str, Any]]:
    content = await bench.storage.get(uri)
    return [read_row(line, "row") for line in content.splitlines()]


async def cloned(bench: Bench, written: dict[str, Any]) -> tuple[AttemptEnded, Path]:
    """Run a clone in a directory that stays, as that of a WorkingDirectory does."""
    runner = bench.runner(types.CLONE, a_run(types.CLONE.name, written, variables=FLOW))
    decoder: Codec[AttemptEnded] = Codec(AttemptEnded)
    ended = decoder.decode(await runner.run())
    return ended, Path(dict(ended.outputs).get("directory", ""))


def files_in(folder: Path) -> list[str]:
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found if path.parts[0] not in {".git", ".fetched"})


async def test_a_clone_has_the_files_of_the_branch_that_is_named(
    bench: Bench, repository: Repository
) -> None:
    repository.commit({"a.txt": "main"})
    repository.commit({"b/c.txt": "other"}, branch="other")
    ended, folder = await cloned(bench, {"url": repository.url})
    assert ended.outcome == "succeeded", ended.message
    assert files_in(folder) == ["a.txt"]
    assert git(folder, "status", "--short") == "", "nothing of the worker's counts as a file"
    ended, folder = await cloned(bench, {"url": repository.url, "branch": "other", "directory": "x/y"})
    assert files_in(folder) == ["a.txt", "b/c.txt"]
    assert folder.parts[-2:] == ("x", "y")


async def test_a_clone_may_be_of_a_tag_or_a_commit(bench: Bench, repository: Repository) -> None:
    first = repository.commit({"a": "1"})
    repository.tag("v1")
    repository.commit({"a": "2"})
    for more in ({"tag": "v1"}, {"commit": first}, {"commit": first[:8]}):
        ended, folder = await cloned(bench, {"url": repository.url, **more})
        assert ended.outcome == "succeeded", ended.message
        assert (folder / "a").read_text() == "1"
    ended, folder = await cloned(bench, {"url": repository.url})
    assert git(folder, "rev-list", "--count", "HEAD") == "1", "the default depth"
    ended, folder = await cloned(bench, {"url": repository.url, "depth": 5})
    assert git(folder, "rev-list", "--count", "HEAD") == "2"


async def test_an_empty_repository_can_be_cloned(bench: Bench, repository: Repository) -> None:
    ended, folder = await cloned(bench, {"url": repository.url})
    assert ended.outcome == "succeeded", ended.message
    assert files_in(folder) == []


async def test_the_sign_in_goes_to_its_host_alone(
    bench: Bench, repository: Repository, tmp_path: Path
) -> None:
    repository.commit({"a": "1"})
    async with git_server(tmp_path / "repositories", "bot", "token-of-the-bot") as server:
        written = {"url": f"{server.url}/flows.git", "username": "bot"}
        ended, folder = await cloned(bench, {**written, "password": "{{ secret('GIT_TOKEN') }}"})
        assert ended.outcome == "succeeded", ended.message
        assert files_in(folder) == ["a"]
        kept = "".join(p.read_text(errors="replace") for p in (folder / ".git").rglob("*") if p.is_file())
        assert "token-of-the-bot" not in kept, "it is not kept in the clone"
        message = await why(bench, types.CLONE, {**written, "password": "wrong"})
        assert message.startswith("git clone: fatal: Authentication failed for")
        pushed = await done(
            bench,
            types.PUSH,
            {
                **written,
                "password": "{{ secret('GIT_TOKEN') }}",
                "branch": "main",
                "commitMessage": "m",
                "inputFiles": {"b": "2"},
            },
        )
        assert pushed["commitId"] == repository.last("%H")
    assert repository.files() == {"a": "1", "b": "2"}


async def test_a_push_commits_files_with_its_author(bench: Bench, repository: Repository) -> None:
    repository.commit({"a": "1"})
    written = {
        "url": repository.url,
        "branch": "new",
        "commitMessage": "Add a report\n\n-- all of it",
        "inputFiles": {"report.txt": "fine", "x/y": "deep"},
        "author": {"name": "Ada", "email": "ada@example.com"},
    }
    pushed = await done(bench, types.PUSH, written)
    assert pushed["commitId"] == repository.last("%H", "new")
    assert repository.last("%an <%ae>%n%B", "new").startswith("Ada <ada@example.com>\nAdd a report\n\n-- all")
    assert repository.files("new") == {"a": "1", "report.txt": "fine", "x/y": "deep"}
    again = await done(bench, types.PUSH, written)
    assert again == {}, "nothing has changed, so there is no commit"


async def test_a_push_takes_only_what_the_patterns_name(bench: Bench, repository: Repository) -> None:
    repository.commit({"a": "1"})
    written = {
        "url": repository.url,
        "branch": "main",
        "commitMessage": "m",
        "inputFiles": {"x.py": "1", "x.tmp": "2"},
        "addFilesPattern": ["*.py"],
    }
    await done(bench, types.PUSH, written)
    assert repository.files() == {"a": "1", "x.py": "1"}


async def test_files_of_a_namespace_are_pushed_and_outdated_ones_removed(
    bench: Bench, repository: Repository
) -> None:
    repository.commit({"_files/old.py": "x", "_files/old.md": "x", "README.md": "kept"})
    for name in ("/main.py", "/lib/a.py", "/notes.md"):
        await bench.namespaces.files.put("company.team", name, name.encode())
    written = {"url": repository.url, "authorEmail": "a@b.c", "authorName": "Ada"}
    dry = await done(bench, types.PUSH_NAMESPACE_FILES, {**written, "dryRun": True})
    assert "commitId" not in dry
    assert "_files/main.py" not in repository.files()
    pushed = await done(bench, types.PUSH_NAMESPACE_FILES, {**written, "files": "*.py"})
    assert sorted(repository.files()) == ["README.md", "_files/lib/a.py", "_files/main.py", "_files/old.md"]
    assert repository.last("%an <%ae> %s") == "Ada <a@b.c> Add files from company.team namespace"
    assert pushed["commitId"] == repository.last("%H")
    changed = await rows(bench, pushed["files"])
    assert {each["file"]: (each["additions"], each["deletions"]) for each in changed} == {
        "_files/lib/a.py": ("+1", "-0"),
        "_files/main.py": ("+1", "-0"),
        "_files/old.py": ("+0", "-1"),
    }
    missing = {**written, "files": "*.sql", "errorOnMissing": True}
    assert (
        "no file of namespace `company.team` matches"
        in (await bench.run(types.PUSH_NAMESPACE_FILES, missing, variables=FLOW)).message
    )


async def test_changed_lines_are_counted_as_changes(bench: Bench, repository: Repository) -> None:
    repository.commit({"_files/a": "1\n2\n3\n"})
    await bench.namespaces.files.put("company.team", "/a", b"1\nchanged\n3\nnew\n")
    pushed = await done(bench, types.PUSH_NAMESPACE_FILES, {"url": repository.url})
    assert await rows(bench, pushed["files"]) == [
        {"file": "_files/a", "additions": "+1", "deletions": "-0", "changes": "1"}
    ]


async def test_files_of_an_execution_are_pushed(bench: Bench, repository: Repository) -> None:
    repository.commit({"_outputs/before.txt": "kept"})
    uri = await bench.storage.put(f"{PLACE}tasks/t/r/report.txt", b"fine")
    outputs = {"outputs": {"write": {"outputFiles": {"report.txt": uri, "x.csv": uri}}}}
    written = {"url": repository.url}
    await done(bench, types.PUSH_EXECUTION_FILES, {**written, "files": ["*.txt"]}, **outputs)
    assert repository.files() == {"_outputs/before.txt": "kept", "_outputs/report.txt": "fine"}
    named = {**written, "filesMap": {"a/b.txt": uri}, "gitDirectory": "deep/er"}
    await done(bench, types.PUSH_EXECUTION_FILES, named)
    assert repository.files()["deep/er/a/b.txt"] == "fine"


async def test_files_of_a_repository_become_those_of_the_namespace(
    bench: Bench, repository: Repository
) -> None:
    repository.commit(
        {
            "_files/main.py": "new",
            "_files/lib/a.py": "a",
            "_files/secret.env": "x",
            "_files/.kestraignore": "*.env\n",
            "other.py": "no",
        }
    )
    for name in ("/main.py", "/old.py"):
        await bench.namespaces.files.put("company.team", name, b"old")
    written = {"url": repository.url, "delete": True}
    dry = await done(bench, types.SYNC_NAMESPACE_FILES, {**written, "dryRun": True})
    assert bench.namespaces.files.paths("company.team") == ["/main.py", "/old.py"]
    synced = await done(bench, types.SYNC_NAMESPACE_FILES, written)
    assert bench.namespaces.files.paths("company.team") == ["/lib/a.py", "/main.py"]
    expected = [
        {"syncState": "DELETED", "kestraPath": "/old.py"},
        {"gitPath": "_files/lib/a.py", "syncState": "ADDED", "kestraPath": "/lib/a.py"},
        {"gitPath": "_files/main.py", "syncState": "OVERWRITTEN", "kestraPath": "/main.py"},
    ]
    assert await rows(bench, synced["files"]) == await rows(bench, dry["files"]) == expected


async def test_links_of_a_repository_lead_nowhere(bench: Bench, repository: Repository) -> None:
    repository.commit({"_files/a": "a"})
    (repository.work / "_files" / "link").symlink_to("/etc/hostname")
    (repository.work / "_files" / "folder").symlink_to("/etc")
    (repository.work / "_out").symlink_to("/tmp")
    repository.commit({})
    await done(bench, types.SYNC_NAMESPACE_FILES, {"url": repository.url})
    assert bench.namespaces.files.paths("company.team") == ["/a"]
    await bench.namespaces.files.put("company.team", "/b", b"b")
    written = {"url": repository.url, "gitDirectory": "_out"}
    assert (
        "leads out of the working directory"
        in (await bench.run(types.PUSH_NAMESPACE_FILES, written, variables=FLOW)).message
    )


async def test_submodules_of_this_machine_are_not_fetched(
    bench: Bench, repository: Repository, tmp_path: Path
) -> None:
    other = Repository(tmp_path / "elsewhere")
    other.commit({"secret": "x"})
    repository.commit({"a": "1"})
    git(
        repository.work,
        *("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other.url, "module"),
    )
    repository.commit({})
    written = {"url": repository.url, "cloneSubmodules": True}
    assert "transport 'file' not allowed" in await why(bench, types.CLONE, written)


@pytest.mark.parametrize(
    ("task", "written", "text"),
    [
        (types.CLONE, {"branch": "gone"}, "git clone: fatal: Remote branch gone not found"),
        (types.CLONE, {"branch": "--upload-pack=id"}, "branch: `--upload-pack=id` is no name"),
        (types.CLONE, {"tag": "gone"}, "tag: the repository has no tag `gone`"),
        (types.CLONE, {"commit": "deadbeef"}, "commit: the repository has no commit `deadbeef`"),
        (types.CLONE, {"directory": "../out"}, "must be relative"),
        (types.CLONE, {"url": "file:///srv/x.git"}, "TOCCATA_WORKER_LOCAL_PATHS=/srv/x.git"),
        (types.CLONE, {"url": "http://127.0.0.1:1/x"}, "git clone: fatal: unable to access"),
        (types.CLONE, {"gitConfig": {"a b": 1}}, "gitConfig: `a b` is no setting of Git"),
        (types.SYNC_NAMESPACE_FILES, {"branch": "gone"}, "branch: the repository has no branch `gone`"),
        (types.SYNC_NAMESPACE_FILES, {}, "gitDirectory: the repository has no folder `_files`"),
    ],
)
async def test_what_fails_says_why(
    bench: Bench, repository: Repository, task: TaskType, written: dict[str, Any], text: str
) -> None:
    repository.commit({"a": "1"})
    ended = await bench.run(task, {"url": repository.url, **written}, variables=FLOW)
    assert ended.outcome == "failed"
    assert text in ended.message


async def test_the_config_of_a_flow_opens_no_other_protocol(bench: Bench, tmp_path: Path) -> None:
    """``ext`` runs any command."""
    mark = tmp_path / "mark"
    written = {
        "url": "https://git.example.invalid/x",
        "gitConfig": {
            f"url.ext::touch {mark} #.insteadOf": "https://git.example.invalid/",
        },
    }
    message = await why(bench, types.CLONE, written)
    assert not mark.exists()
    assert "transport 'ext' not allowed" in message
    for name in ("protocol.ext.allow", "Protocol.Allow"):
        message = await why(bench, types.CLONE, {"url": "https://x.invalid/x", "gitConfig": {name: "always"}})
        assert message == f"gitConfig: `{name}`: the protocols are https, ssh and http, and no others"


@pytest.mark.parametrize(
    "task",
    [
        types.CLONE,
        types.PUSH,
        types.PUSH_NAMESPACE_FILES,
        types.PUSH_EXECUTION_FILES,
        types.SYNC_NAMESPACE_FILES,
    ],
    ids=lambda each: each.name,
)
async def test_the_example_runs(bench: Bench, repository: Repository, task: TaskType) -> None:
    repository.commit({"_files/a": "1"})
    written = example(task, hosts={"https://git.example.com/team/flows.git": repository.url})
    uri = await bench.storage.put(f"{PLACE}inputs/a", b"x")
    await done(bench, task, written, inputs={"file": uri})
