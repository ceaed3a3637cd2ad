"""The language of jq, for the filter of that name. It is interpreted here, because every step must count towards the budget of its
rendering, and no library can be stopped.

parse   a program to its tree
run     a tree and a value to its results
words   the functions that jq has by name
"""
