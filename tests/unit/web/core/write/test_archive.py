import io
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


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("services.web.core.write.archive.MAX_UNPACKED_BYTES", 1000)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.yml", "x" * 100_000)
    with pytest.raises(Problem) as problem:
        unpack("x.zip", buffer.getvalue())
    assert problem.value.status == 400
