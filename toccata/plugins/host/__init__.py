"""What stands between the types and those who use them.

binding    written properties to a validated model: rendering, conversion, violations
catalog    all types by name and alias, each imported when it is first used
discovery  which types there are: ours, those of installed packages, those of a folder
entry      one line of an index         index     the files of an index
scan       declarations in modules      document  documentation and JSON Schema of a type
running    from a declaration to the function that runs
package    the index of a third party's package       template  the files of a new one
"""
