"""``toccata lsp`` as an editor uses it: another process, the protocol over stdin and stdout."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

URI = "file:///flows/a.yaml"
LOG = "io.kestra.plugin.core.log.Log"
FLOW = f"""\
id: a
namespace: b
tasks:
  - id: first
    type: {LOG}
    message: "ä𝄞 {{{{ outputs. }}}}"
    mesage: x
"""
_SECONDS = 60


class Editor(LanguageClient):
    """Keeps what the server says of the text."""

    def __init__(self) -> None:
        super().__init__("tests", "1")
        self.told: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()

        @self.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def hear(told: lsp.PublishDiagnosticsParams) -> None:
            self.told.put_nowait(told)

    async def findings(self) -> list[lsp.Diagnostic]:
        return list((await asyncio.wait_for(self.told.get(), _SECONDS)).diagnostics)


@pytest.fixture
async def editor() -> AsyncIterator[Editor]:
    client = Editor()
    await client.start_io(sys.executable, "-m", "toccata.cli", "lsp")
    await asyncio.wait_for(
        client.initialize_async(lsp.InitializeParams(capabilities=lsp.ClientCapabilities(), process_id=None)),
        _SECONDS,
    )
    client.initialized(lsp.InitializedParams())
    yield client
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()


async def test_an_editor_gets_findings_completions_and_explanations(editor: Editor) -> None:
    document = lsp.TextDocumentItem(URI, "yaml", 1, FLOW)
    editor.text_document_did_open(lsp.DidOpenTextDocumentParams(document))
    found = await editor.findings()
    unknown = next(each for each in found if "mesage" in each.message)
    assert unknown.severity is lsp.DiagnosticSeverity.Error
    assert (unknown.range.start, unknown.range.end) == (lsp.Position(6, 4), lsp.Position(6, 11))

    # The editor counts in UTF-16: one of the characters before takes two.
    line = FLOW.splitlines()[5]
    units = len(line[: line.index("outputs.") + len("outputs.")].encode("utf-16-le")) // 2
    identifier = lsp.TextDocumentIdentifier(URI)
    place = lsp.Range(lsp.Position(3, 0), lsp.Position(3, 0))
    change = lsp.TextDocumentContentChangePartial(range=place, text="  - id: zero\n    type: x\n")
    versioned = lsp.VersionedTextDocumentIdentifier(2, URI)
    editor.text_document_did_change(lsp.DidChangeTextDocumentParams(versioned, [change]))
    await editor.findings()
    answer = await editor.text_document_completion_async(
        lsp.CompletionParams(identifier, lsp.Position(7, units))
    )
    assert isinstance(answer, lsp.CompletionList)
    assert [item.label for item in answer.items] == ["zero"]
    edit = answer.items[0].text_edit
    assert isinstance(edit, lsp.TextEdit)
    assert edit.range == lsp.Range(lsp.Position(7, units), lsp.Position(7, units))

    explained = await editor.text_document_hover_async(lsp.HoverParams(identifier, lsp.Position(6, 14)))
    assert explained is not None
    assert isinstance(explained.contents, lsp.MarkupContent)
    assert explained.contents.value.startswith(f"# {LOG}")
    editor.text_document_did_close(lsp.DidCloseTextDocumentParams(identifier))
    assert await editor.findings() == []
