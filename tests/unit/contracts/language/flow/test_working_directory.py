"""What a WorkingDirectory may hold."""

from __future__ import annotations

from contracts.language.flow.parse import parse_flow

CORE = "io.kestra.plugin.core."


def problems(body: str) -> list[str]:
    source = f"id: f\nnamespace: n\ntasks:\n- id: w\n  type: {CORE}flow.WorkingDirectory\n{body}"
    return [f"{each.path}: {each.message}" for each in parse_flow(source, None).errors]


def test_only_tasks_of_workers_are_allowed_inside() -> None:
    inside = f"  tasks:\n  - {{id: s, type: {CORE}flow.Sequential, tasks: [{{id: l, type: {CORE}log.Log, message: m}}]}}\n"
    assert problems(inside) == [
        "tasks[0].tasks[0].type: Only runnable tasks are allowed as children of the 'WorkingDirectory' task"
    ]


def test_no_task_inside_chooses_a_worker_group() -> None:
    inside = f"  tasks: [{{id: l, type: {CORE}flow.Sleep, duration: PT1S, workerGroup: {{key: gpu}}}}]\n"
    assert problems(inside) == [
        "tasks[0].tasks[0]: Cannot set a Worker Group in any 'WorkingDirectory' sub-tasks, set it on the 'WorkingDirectory' itself"
    ]


def test_it_needs_tasks() -> None:
    assert problems("  tasks: []\n") == ["tasks[0].tasks: The 'tasks' property cannot be empty"]


def test_files_may_be_written_in_several_ways() -> None:
    task = f"  tasks: [{{id: l, type: {CORE}log.Log, message: m}}]\n"
    for files in ("{a.txt: A}", '"{{ inputs.files }}"', '\'{"a.txt": "A"}\'', '["kestra:///x/a.txt"]'):
        assert problems(f"{task}  inputFiles: {files}\n") == []
    assert problems(f"{task}  inputFiles: [1]\n") != []
    assert problems(f"{task}  inputFiles: no json\n") != []
    assert (
        problems(f"{task}  namespaceFiles: {{enabled: true, include: '*.py', folderPerNamespace: true}}\n")
        == []
    )
    assert problems(f"{task}  namespaceFiles: {{enabeld: true}}\n") != []
    assert problems(f"{task}  cache: {{patterns: []}}\n") != []
