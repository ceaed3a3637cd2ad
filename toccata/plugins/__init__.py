"""Task, trigger and runner types.

families/  our plugins: a folder for each family
host/      lists, validates, documents and runs types
generate   writes ``host/index.json`` and ``host/documentation/``, which describe types without importing them
"""
