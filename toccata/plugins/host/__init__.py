"""The code between types and their users.

binding    turns written properties into a validated model: rendering, conversion, violations
catalog    all types by name and alias; each is imported when it is first used
discovery  finds types: ours, those of installed packages, those in folders
entry      one line of an index         index     the files of an index
scan       declarations in modules      document  documentation and JSON Schema of a type
running    finds and runs the function of a declaration
package    the index of a third-party package         template  the files of a new package
"""
