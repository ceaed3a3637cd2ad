"""Tasks about files of namespaces, run by the worker's own runner over the registry's own machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.attempt import Bench
from toccata.plugins.families.core.namespace import DELETE, DOWNLOAD, PURGE, UPLOAD

OWN = "company.team"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def content(bench: Bench, path: str, namespace: str = OWN) -> bytes:
    revision = bench.namespaces.files.revision(namespace, path)
    assert revision is not None, bench.namespaces.files.paths(namespace)
    return await bench.storage.get(revision.uri)


async def put(bench: Bench, *paths: str) -> None:
    for path in paths:
        await bench.namespaces.files.put(OWN, path, path.encode())


async def test_a_map_names_the_path_of_each_file(bench: Bench) -> None:
    await bench.storage.put("kestra:///x/given.py", b"print()")
    ended = await bench.run(UPLOAD, {"files": {"scripts/main.py": "kestra:///x/given.py"}})
    assert ended.outputs == {"files": {"scripts/main.py": "kestra:///company/team/_files/scripts/main.py"}}
    assert await content(bench, "/scripts/main.py") == b"print()"


async def test_a_list_goes_to_the_destination(bench: Bench) -> None:
    await bench.storage.put("kestra:///x/given.py", b"1")
    for files in (["kestra:///x/given.py"], '["kestra:///x/given.py"]', "kestra:///x/given.py"):
        ended = await bench.run(UPLOAD, {"files": files, "destination": "/lib", "namespace": "other.place"})
        assert ended.outcome == "succeeded", ended.message
    assert await content(bench, "/lib/given.py", "other.place") == b"1"


async def test_an_address_without_a_file_is_left_out(bench: Bench) -> None:
    ended = await bench.run(UPLOAD, {"filesMap": {"/a": "kestra:///x/none"}})
    assert (ended.outcome, ended.outputs) == ("succeeded", {"files": {}})
    assert ("WARN", "There is no file `kestra:///x/none`, so nothing is stored as `/a`") in bench.messages


@pytest.mark.parametrize(
    ("conflict", "outcome", "left"),
    [("OVERWRITE", "succeeded", b"new"), ("skip", "succeeded", b"/a"), ("ERROR", "failed", b"/a")],
)
async def test_what_happens_to_a_file_that_exists(
    bench: Bench, conflict: str, outcome: str, left: bytes
) -> None:
    await put(bench, "/a")
    await bench.storage.put("kestra:///x/new", b"new")
    ended = await bench.run(UPLOAD, {"files": {"/a": "kestra:///x/new"}, "conflict": conflict})
    assert ended.outcome == outcome
    assert await content(bench, "/a") == left


@pytest.mark.parametrize("files", [{"/a": "text"}, [1], 7, "[1"])
async def test_what_is_no_file_is_refused(bench: Bench, files: object) -> None:
    ended = await bench.run(UPLOAD, {"files": files})
    assert (ended.outcome, ended.message[:6]) == ("failed", "files:")


async def test_a_path_that_leads_out_is_refused(bench: Bench) -> None:
    await bench.storage.put("kestra:///x/new", b"new")
    ended = await bench.run(UPLOAD, {"files": {"/../../etc/x": "kestra:///x/new"}})
    assert ended.outcome == "failed"
    assert "is not allowed" in ended.message


async def test_downloads_stay_as_they_are_now(bench: Bench) -> None:
    await put(bench, "/sql/a.sql", "/sql/deep/b.sql", "/c.py")
    ended = await bench.run(DOWNLOAD, {"files": ["**.sql"], "destination": "got"})
    assert list(ended.outputs["files"]) == ["got/sql/a.sql", "got/sql/deep/b.sql"]
    await bench.namespaces.files.put(OWN, "/sql/a.sql", b"later")
    assert await bench.storage.get(ended.outputs["files"]["got/sql/a.sql"]) == b"/sql/a.sql"
    assert [(point.name, point.value) for point in bench.points] == [("downloaded", 2)]


async def test_deleting_takes_empty_folders_along(bench: Bench) -> None:
    await bench.namespaces.files.make_folder(OWN, "/made")
    await put(bench, "/made/a.tmp", "/b.py")
    ended = await bench.run(DELETE, {"files": "**.tmp"})
    assert list(ended.outputs["files"]) == ["/made/a.tmp"]
    assert bench.namespaces.files.paths(OWN) == ["/b.py"]
    assert bench.namespaces.files.stat(OWN, "/made") is None


async def test_a_purge_keeps_the_latest_revisions(bench: Bench) -> None:
    for number in range(5):
        await bench.namespaces.files.put(OWN, "/a", str(number).encode())
    ended = await bench.run(
        PURGE, {"namespaces": ["company"], "behavior": {"type": "version", "keepAmount": 2}}
    )
    assert ended.outputs == {"size": 3}
    assert [each.number for each in bench.namespaces.files.revisions(OWN, "/a")] == [4, 5]
    assert (await bench.run(PURGE, {"behavior": {"before": "2000-01-01"}})).outputs == {"size": 0}
    assert (await bench.run(PURGE, {"behavior": {"before": "soon"}})).outcome == "failed"
    assert (await bench.run(PURGE, {"filePattern": "*.py"})).outputs == {"size": 0}
    assert (await bench.run(PURGE, {"namespacePattern": "company.*"})).outputs == {"size": 1}
