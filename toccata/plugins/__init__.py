"""Task, trigger and runner types.

families/  ours: a folder a family, declarations and what they run
host/      what lists, validates, documents and runs types
generate   writes ``host/index.json`` and ``host/documentation/``, from which types are known without importing them
"""
