"""The expression language (docs/language/expressions.md): a dialect of Pebble that is sandboxed by construction.

lexer      template text to tokens
node       the syntax tree
parser     a template's text and tags to the tree; expression_parser reads the expressions in them
analysis   the names, paths and calls of a tree
compiler   the tree to closures that write text; expression_compiler: to closures that return values
place      line and column of an error
frame      one rendering: variables, locals, limits
attribute  ``a.b``, ``a[b]`` and the few methods of values
operator   the meaning of operators
text       values to text
moment     dates: reading one from a value, arithmetic; date_pattern, date_printing, date_reading: Java's patterns
functions/ filters/ check  the vocabulary, one module for each subject
presence   whether there is anything to render
template   the entrance: compile_template, render_value, is_truthy
scope      the caller's part: variables, time, seed, ports, limits
"""
