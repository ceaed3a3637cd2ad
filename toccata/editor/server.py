"""The language server over stdio: what an editor asks, answered by the pure parts beside this. It knows no running system."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from toccata.editor.completion import Completion, completions
from toccata.editor.diagnostic import Diagnostic, diagnostics
from toccata.editor.hover import hover
from toccata.editor.language import Language
from toccata.plugins.host.catalog import PluginCatalog
from toccata.version import version

_KINDS = {
    "key": lsp.CompletionItemKind.Property,
    "type": lsp.CompletionItemKind.Class,
    "value": lsp.CompletionItemKind.EnumMember,
    "id": lsp.CompletionItemKind.Reference,
    "variable": lsp.CompletionItemKind.Variable,
    "field": lsp.CompletionItemKind.Field,
    "function": lsp.CompletionItemKind.Function,
    "filter": lsp.CompletionItemKind.Operator,
    "test": lsp.CompletionItemKind.Operator,
    "keyword": lsp.CompletionItemKind.Keyword,
}
_SEVERITIES = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "hint": lsp.DiagnosticSeverity.Hint,
}


def serve(folders: Iterable[Path]) -> None:
    """Answer on stdin and stdout until the editor ends. ``folders``: third-party plugins."""
    server_of(Language(PluginCatalog.load(folders))).start_io()


def server_of(language: Language) -> LanguageServer:
    server = LanguageServer(
        "toccata", version(), text_document_sync_kind=lsp.TextDocumentSyncKind.Incremental
    )

    def tell(uri: str) -> None:
        document = server.workspace.get_text_document(uri)
        found = [_diagnostic(each, document) for each in diagnostics(language.catalog, document.source)]
        server.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri=uri, version=document.version, diagnostics=found)
        )

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        tell(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        tell(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        nothing = lsp.PublishDiagnosticsParams(uri=params.text_document.uri, diagnostics=[])
        server.text_document_publish_diagnostics(nothing)

    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[".", "{", "|", ":", " ", "-"])
    )
    def complete(params: lsp.CompletionParams) -> lsp.CompletionList:
        document = server.workspace.get_text_document(params.text_document.uri)
        at = document.position_codec.position_from_client_units(document.lines, params.position)
        found = completions(language, document.source, at.line, at.character)
        items = [_item(each, number, document, (at.line, at.character)) for number, each in enumerate(found)]
        return lsp.CompletionList(is_incomplete=False, items=items)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def explain(params: lsp.HoverParams) -> lsp.Hover | None:
        document = server.workspace.get_text_document(params.text_document.uri)
        at = document.position_codec.position_from_client_units(document.lines, params.position)
        text = hover(language, document.source, at.line, at.character)
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text)) if text else None

    return server


def _item(found: Completion, number: int, document: TextDocument, at: tuple[int, int]) -> lsp.CompletionItem:
    return lsp.CompletionItem(
        label=found.label,
        kind=_KINDS[found.kind],
        detail=found.detail or None,
        documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, found.documentation)
        if found.documentation
        else None,
        sort_text=f"{number:04}",
        text_edit=lsp.TextEdit(_range(document, at[0], found.column, at[1]), found.insert),
        tags=[lsp.CompletionItemTag.Deprecated] if found.deprecated else None,
    )


def _diagnostic(found: Diagnostic, document: TextDocument) -> lsp.Diagnostic:
    return lsp.Diagnostic(
        range=_range(document, found.line, found.column, found.end),
        message=found.message,
        severity=_SEVERITIES[found.severity],
        source="toccata",
        code=found.kind,
        tags=[lsp.DiagnosticTag.Deprecated] if found.kind == "deprecation" else None,
    )


def _range(document: TextDocument, line: int, start: int, end: int) -> lsp.Range:
    """In the units of the editor, which may not be characters."""
    within = lsp.Range(lsp.Position(line, start), lsp.Position(line, end))
    found: lsp.Range = document.position_codec.range_to_client_units(document.lines, within)
    return found
