"""What runs when a script task runs.

shell, python  one function a type
script         what all script tasks share: files, environment, outcome
process        a process group, its streams and its end
protocol       lines of output: text, or ``::{…}::`` with outputs, metrics and logs
glob           which files ``outputFiles`` means
path/          put on PYTHONPATH: the module ``kestra`` for scripts
"""
