"""``toccata lsp``."""

from __future__ import annotations


def lsp() -> None:
    """Serve an editor: completions, explanations and errors of flows, over stdin and stdout (Language Server Protocol)."""
    from toccata.cli.plugin import plugin_folders
    from toccata.editor.server import serve

    serve(plugin_folders())
