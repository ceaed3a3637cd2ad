from __future__ import annotations

import pytest

from contracts.language.types.input.file import FileInput, check, parse


@pytest.mark.parametrize("given", ["kestra:///a/b.csv", "nsfile:///hello.txt", "file:///tmp/a.csv"])
def test_the_uri_of_a_file_is_accepted(given):
    assert parse(given) == given


@pytest.mark.parametrize("given", ["a.csv", "https://example.org/a.csv", "", 5, "kestra:///a b"])
def test_what_is_no_uri_of_a_file_is_refused(given):
    with pytest.raises(ValueError, match="expected a file, or a URI that begins with kestra:///"):
        parse(given)


@pytest.mark.parametrize(
    ("allowed", "uri", "causes"),
    [
        ([], "kestra:///a/b.exe", []),
        ([".csv", ".txt"], "kestra:///a/B.CSV", []),
        ([".csv", ".txt"], "kestra:///a/b.exe", ["it must be a file of type `[.csv, .txt]`"]),
    ],
)
def test_the_name_ends_as_allowed(allowed, uri, causes):
    declared = FileInput.model_validate({"id": "f", "type": "FILE", "allowedFileExtensions": allowed})
    assert check(declared, uri) == causes
