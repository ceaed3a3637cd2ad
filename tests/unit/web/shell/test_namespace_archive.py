"""Archives that are not trusted."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from services.web.core.problem import Problem
from services.web.shell import namespace_archive
from services.web.shell.namespace_archive import unpack


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "x.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"0" * 1000)
    assert [each.path for each in unpack(packed, "", tmp_path)] == ["/a"]
    monkeypatch.setattr(namespace_archive, "MOST_UNPACKED_BYTES", 999)
    with pytest.raises(Problem, match="unpacks to more"):
        list(unpack(packed, "", tmp_path))
