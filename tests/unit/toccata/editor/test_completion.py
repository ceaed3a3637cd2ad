import pytest

from toccata.editor.completion import Completion, completions
from toccata.editor.language import Language
from toccata.plugins.host.catalog import PluginCatalog

CORE = "io.kestra.plugin.core."
FLOW = f"""\
id: a
namespace: acme
inputs:
  - {{id: db.host, type: STRING}}
  - {{id: db.port, type: INT}}
variables:
  deep: {{one: 1, two: {{three: 3}}}}
triggers:
  - {{id: hook, type: {CORE}trigger.Webhook, key: abcdefghijklmnopqrs}}
tasks:
  - {{id: first, type: {CORE}debug.Return, format: x}}
  - id: choose
    type: {CORE}flow.If
    condition: a
    then:
      - {{id: inner, type: {CORE}log.Log, message: hi}}
"""


@pytest.fixture(scope="module")
def language() -> Language:
    return Language(PluginCatalog.ours(), lambda: {"acme": ["one", "two"]})


def at(language: Language, text: str) -> list[Completion]:
    before = text[: text.index("¦")]
    return completions(
        language, text.replace("¦", ""), before.count("\n"), len(before) - before.rfind("\n") - 1
    )


def labels(language: Language, text: str) -> list[str]:
    return [each.label for each in at(language, text)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("{{ inputs.¦", ["db"]),
        ("{{ inputs.db.¦", ["host", "port"]),
        ("{{ outputs.¦", ["first", "choose", "inner"]),
        ("{{ outputs.first.¦", ["value"]),
        ("{{ outputs['first'].¦", ["value"]),
        ("{{ tasks.inner.¦", ["state"]),
        ("{{ vars.deep.two.¦", ["three"]),
        ("{{ trigger.¦", ["id", "type", "body", "uri", "parts", "formFields", "headers", "parameters"]),
        ("{{ 'a' | upp¦", ["upper"]),
        ("{{ a is ev¦", ["even"]),
        ("{% endf¦", ["endfor", "endfilter"]),
        ("{{ execution.s¦ }}", ["startDate", "state"]),
        ("{{ fromJ¦", ["fromJson"]),
        ("{{ secr¦", ["secret"]),
        ("{{ a }} plain ¦", []),
    ],
)
def test_expressions_offer_what_the_flow_has(
    language: Language, expression: str, expected: list[str]
) -> None:
    written = f'{FLOW}  - id: last\n    type: {CORE}log.Log\n    message: "{expression}'
    assert labels(language, written) == expected
    block = (
        f"{FLOW}  - id: last\n    type: {CORE}log.Log\n    message: |\n      first line\n      {expression}"
    )
    assert labels(language, block) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (f"  - id: x\n    type: {CORE}log.Log\n    level: ¦", ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"]),
        ("  - id: x\n    disabled: ¦", ["true", "false"]),
        (f"  - id: x\n    type: {CORE}log.Lo¦", [f"{CORE}log.Log"]),
        (f"  - id: x\n    type: {CORE}flow.Subflow\n    namespace: acme\n    flowId: ¦", ["one", "two"]),
        (
            f"  - id: x\n    type: {CORE}flow.Switch\n    value: a\n    cases:\n      A:\n        - id: z\n          ty¦",
            ["type"],
        ),
        (
            f"  - id: x\n    type: {CORE}flow.Pause\n    onResume:\n      - id: ok\n        type: BO¦",
            ["BOOL", "BOOLEAN"],
        ),
        (
            f"  - id: x\n    type: {CORE}debug.Return\n    retry:\n      type: constant\n      inter¦",
            ["interval"],
        ),
        (
            (
                f"  - id: x\n    type: {CORE}flow.Dag\n    tasks:\n      - task: {{id: p, type: y}}\n"
                "      - task: {id: q, type: y}\n        dependsOn:\n          - ¦"
            ),
            ["p"],
        ),
        ("concurrency:\n  behavior: ¦", ["QUEUE", "CANCEL", "FAIL"]),
        ("finally:\n  - id: x\n    typ¦", ["type"]),
    ],
)
def test_keys_and_values_are_those_of_the_place(language: Language, more: str, expected: list[str]) -> None:
    assert labels(language, FLOW + more) == expected


def test_keys_of_a_task_begin_with_the_required_ones_and_leave_out_those_that_are_there(
    language: Language,
) -> None:
    found = at(language, f"{FLOW}  - id: x\n    type: {CORE}log.Log\n    ¦")
    assert found[0].label == "message"
    assert found[0].insert == "message: "
    assert "required" in found[0].detail
    assert found[0].documentation
    assert not {"id", "type"} & {each.label for each in found}
    braces = labels(language, f"{FLOW}  - {{id: x, ¦, type: {CORE}log.Log}}")
    assert "message" in braces
    assert "type" not in braces


def test_what_depends_on_inputs_offers_the_others(language: Language) -> None:
    text = "inputs:\n  - {id: a, type: STRING}\n  - id: b\n    type: INT\n    dependsOn: {inputs: [¦]}\n"
    assert labels(language, text) == ["a"]


def test_a_completion_replaces_the_word_that_was_begun(language: Language) -> None:
    [found] = at(language, f'{FLOW}  - id: last\n    type: {CORE}log.Log\n    message: "ä {{{{ inputs.db.ho¦')
    line = '    message: "ä {{ inputs.db.ho'
    assert (found.label, found.column) == ("host", len(line) - len("ho"))


def test_deprecated_types_say_so(language: Language) -> None:
    found = {each.label: each for each in at(language, f"tasks:\n  - id: x\n    type: {CORE}flow.Each¦")}
    assert found[f"{CORE}flow.EachSequential"].deprecated


def test_no_place_of_a_flow_raises(language: Language) -> None:
    lines = FLOW.splitlines()
    for number, line in enumerate(lines):
        for column in range(0, len(line) + 1, 3):
            completions(language, FLOW, number, column)
