"""The ways to write which files a task gets."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from contracts.language.types.wanted_files import Files, Texts, WantedFiles

FILES: TypeAdapter[dict[str, object]] = TypeAdapter(Files)


@pytest.mark.parametrize(
    ("written", "files"),
    [
        ({"a": "A", "b": None}, {"a": "A", "b": None}),
        ('{"a": {"n": 1}}', {"a": {"n": 1}}),
        (["kestra:///x/y.txt", {"a": "A"}], {"y.txt": "kestra:///x/y.txt", "a": "A"}),
        ("{{ inputs.files }}", {}),
    ],
)
def test_files_are_a_map_however_they_are_written(written: object, files: dict[str, object]) -> None:
    assert FILES.validate_python(written) == files


@pytest.mark.parametrize("written", ["no json", [1], 7])
def test_what_is_no_map_is_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        FILES.validate_python(written)


@pytest.mark.parametrize(
    ("written", "texts"), [("*.py", ["*.py"]), (["a"], ["a"]), ('["a", "b"]', ["a", "b"])]
)
def test_one_text_is_a_list_of_it(written: object, texts: list[str]) -> None:
    assert TypeAdapter(Texts).validate_python(written) == texts


def test_a_rendered_word_is_a_boolean() -> None:
    wanted = WantedFiles.model_validate({"enabled": "False", "ifExists": "warn"})
    assert (wanted.enabled, wanted.if_exists) == (False, "WARN")
