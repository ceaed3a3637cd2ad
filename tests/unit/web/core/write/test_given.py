"""Files and texts that a caller gives to inputs."""

from __future__ import annotations

import pytest

from contracts.language.types.input.file import FileInput
from contracts.language.types.input.string import StringInput
from services.web.core.file import checked, is_of
from services.web.core.write.given import Owner, declared_only, file_uris

OWNER = Owner("a.b", "f", "e1")
FILE = FileInput(id="doc", type="FILE")
TEXT = StringInput(id="name", type="STRING")


def test_a_file_gets_an_address_below_its_execution() -> None:
    found = file_uris([FILE, TEXT], {"doc": "a b.csv", "name": "n.txt", "other": "x"}, OWNER)
    assert found == {"doc": "kestra:///a/b/f/executions/e1/inputs/doc/a b.csv"}
    assert is_of(found["doc"], "a.b", "f", "e1")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..", "", "a\\b\\c.txt", "ü/…", "x" * 500, "%2e%2e", "\x00"]
)
def test_no_name_of_a_file_leads_out_of_its_folder(name: str) -> None:
    found = file_uris([FILE], {"doc": name}, OWNER)["doc"]
    assert found.startswith("kestra:///a/b/f/executions/e1/inputs/doc/")
    assert found.count("/") == "kestra:///a/b/f/executions/e1/inputs/doc/x".count("/")
    if "\x00" not in name:
        assert checked(found) == found


def test_what_is_not_declared_is_left_out() -> None:
    assert declared_only([TEXT], {"name": "x", "more": 1}) == {"name": "x"}
