"""Pure parts of web. ``search`` makes SQL of what a caller looks for, ``view`` makes pages of rows, ``write`` makes
commands of requests. Flat is what several of them use: rows, problems, parameters, instants, paths, sign-in, and an
execution as it is now."""
