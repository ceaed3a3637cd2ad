"""``toccata lsp``."""

from __future__ import annotations


def lsp() -> None:
    """Help an editor with flows.

    It speaks the Language Server Protocol on stdin and stdout: completions, explanations, and errors with their places."""
    from toccata.cli.plugin import plugin_folders
    from toccata.editor.server import serve

    serve(plugin_folders())
