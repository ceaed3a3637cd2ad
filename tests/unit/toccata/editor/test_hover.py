import pytest

from toccata.editor.hover import hover
from toccata.editor.language import Language
from toccata.plugins.host.catalog import PluginCatalog

TEXT = """\
id: a
namespace: acme
tasks:
  - id: first
    type: io.kestra.plugin.core.debug.Return
    format: "{{ 'x' | upper }} {{ outputs.first.value }} {{ now() }}"
"""


@pytest.fixture(scope="module")
def language() -> Language:
    return Language(PluginCatalog.ours())


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("debug.Return", "# io.kestra.plugin.core.debug.Return"),
        ("format", "**format**"),
        ("namespace", "**namespace**"),
        ("upper", "filter"),
        ("first.value", "**first** io.kestra.plugin.core.debug.Return"),
        ("now", "function"),
        ("acme", ""),
    ],
)
def test_a_word_is_explained_where_it_stands(language: Language, word: str, told: str) -> None:
    before = TEXT[: TEXT.index(word) + 1]
    found = hover(language, TEXT, before.count("\n"), len(before) - before.rfind("\n") - 1)
    assert told in found
    assert bool(found) == bool(told)


def test_a_place_outside_of_the_text_has_no_explanation(language: Language) -> None:
    assert hover(language, TEXT, 99, 0) == ""
    assert hover(language, TEXT, 0, 99) == ""
    assert hover(language, "", 0, 0) == ""
