"""What an editor of flows needs: completions, explanations and findings for a text and a place in it. Pure, but for ``server``.

outline     the text as a tree of keys and items, however incomplete it is
shape       what may stand at a place of a flow: keys, types and values, from the catalog
expression  what may stand inside of ``{{ }}`` and ``{% %}``
completion  completions at a place
hover       what the word at a place means
diagnostic  everything that is wrong, with ranges
language    the catalog and what was made of it once
server      the language server over stdio
"""
