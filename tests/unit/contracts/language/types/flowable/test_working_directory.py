"""When a worker has to keep files of the directory."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.language.types.flowable.working_directory import WORKING_DIRECTORY, WorkingDirectory


@pytest.mark.parametrize(
    ("written", "keeps"),
    [
        ({}, False),
        ({"inputFiles": {"a": "A"}}, False),
        ({"outputFiles": []}, False),
        ({"outputFiles": "{{ inputs.patterns }}"}, True),
        ({"cache": {"patterns": ["x"]}}, True),
    ],
)
def test_files_are_kept_only_if_the_task_says_so(written: dict[str, Any], keeps: bool) -> None:
    assert WORKING_DIRECTORY.keeps_files is not None
    compiled = WORKING_DIRECTORY.compile(WorkingDirectory.model_validate(written))
    assert WORKING_DIRECTORY.keeps_files(compiled) is keeps
