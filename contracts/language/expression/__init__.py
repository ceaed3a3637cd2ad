"""The expression language (docs/language/expressions.md): a Pebble dialect, sandboxed by construction.

lexer      template text to tokens
node       the syntax tree
parser     a template's text and tags to the tree; expression_parser: what is inside them
analysis   what a tree refers to: names, paths, calls
compiler   the tree to closures that write text; expression_compiler: to closures that give values
place      line and column of what went wrong
frame      one rendering: variables, locals, limits
attribute  ``a.b``, ``a[b]`` and the few methods of values
operator   what operators mean
text       values to text
moment     dates: which one a value means, arithmetic; date_pattern, date_printing, date_reading: Java's patterns
functions/ filters/ check  the vocabulary, by subject
presence   whether there is anything to render
template   compile_template, render_value, is_truthy: the way in
scope      what a caller supplies: variables, time, seed, ports, limits
"""
