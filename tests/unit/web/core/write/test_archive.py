import io
import tracemalloc
import zipfile

import pytest

from services.web.core.problem import Problem
from services.web.core.write.archive import pack, unpack

GOOD = (
    "id: a\nnamespace: company\ntasks:\n  - id: l\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n"
)
BAD = "id: b\nnamespace: company\n"


def test_the_ending_picks_the_reader():
    assert [unread.source for unread in unpack("x.YAML", f"{GOOD}---\n{BAD}".encode())] == [GOOD, BAD]
    packed = pack([("company", "a", GOOD)])
    assert [(u.name, u.source) for u in unpack("x.zip", packed)] == [("company.a.yml", GOOD)]
    with pytest.raises(Problem):
        unpack("x.txt", b"")
    with pytest.raises(Problem):
        unpack("x.zip", b"no archive")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_what_is_packed_in_another_way_is_refused_before_it_is_unpacked(method):
    """The head of an LZMA stream names a dictionary of gigabytes, which is allocated at once."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("bomb.yml", b"\0" * 50_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(Problem, match="neither stored nor deflated"):
            unpack("x.zip", buffer.getvalue())
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_file_that_unpacks_to_more_than_it_says_is_read_no_further(monkeypatch):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.yml", b"x" * 50_000_000)
        archive.filelist[0].file_size = 10
    tracemalloc.start()
    try:
        with pytest.raises(Problem):
            unpack("x.zip", buffer.getvalue())
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("services.web.core.write.archive.MAX_UNPACKED_BYTES", 1000)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.yml", "x" * 100_000)
    with pytest.raises(Problem) as problem:
        unpack("x.zip", buffer.getvalue())
    assert problem.value.status == 400
