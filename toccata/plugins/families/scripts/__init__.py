"""``io.kestra.plugin.scripts.*``: the user's own programs, each in its own process.

protocol  lines of output: text, or ``::{…}::`` with outputs, metrics and logs
glob      which files ``outputFiles`` means
script    what all script tasks share: properties, files, environment, outcome
process   the runner ``core.runner.Process``: a process group, its streams and its end
shell, python   the types
path/     put on PYTHONPATH: the module ``kestra`` for scripts
"""
