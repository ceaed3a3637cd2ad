"""Pure parts of web. ``search`` turns a search into SQL, ``view`` turns rows into pages, ``write`` turns requests into
commands. The modules at the top level are shared: rows, problems, parameters, instants, paths, sign-in, and the
present state of an execution."""
