from toccata.editor.diagnostic import diagnostics
from toccata.plugins.host.catalog import PluginCatalog

CATALOG = PluginCatalog.ours()


def test_a_finding_covers_the_word_it_is_about() -> None:
    text = 'id: a\nnamespace: b\ntasks:\n  - id: one\n    type: io.kestra.plugin.core.log.Log\n    mesage: "a b"\n'
    found = {each.path: each for each in diagnostics(CATALOG, text)}
    unknown = found["tasks[0].mesage"]
    assert (unknown.line, text.splitlines()[5][unknown.column : unknown.end]) == (5, "mesage:")
    assert "message" in unknown.message
    assert unknown.severity == "error"


def test_texts_that_are_no_flow_have_one_finding_in_their_bounds() -> None:
    for text in ("", "\n\n", "a: [", "- a\n- b", "id: 'x", "a: b: c", "\t"):
        [first, *_] = diagnostics(CATALOG, text)
        lines = text.splitlines() or [""]
        assert 0 <= first.line < len(lines)
        assert first.column <= first.end


def test_deprecations_are_hints_and_warnings_are_warnings() -> None:
    text = "id: a\nnamespace: b\ntasks:\n  - id: one\n    type: io.kestra.core.tasks.log.Log\n    message: x\n    policyRefs: [p]\n"
    assert {each.severity for each in diagnostics(CATALOG, text)} == {"hint", "warning"}
