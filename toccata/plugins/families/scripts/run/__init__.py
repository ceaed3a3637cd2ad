"""The code of script tasks.

shell, python  one function for each type
script         shared by all script tasks: files, environment, outcome
process        a process group, its streams and its end
docker/        a container of an engine, in place of a process
protocol       lines of output: text, or ``::{…}::`` with outputs, metrics and logs
glob           patterns of ``outputFiles``
path/          the module ``kestra`` for scripts; goes on PYTHONPATH
"""
