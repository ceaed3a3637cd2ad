"""Pure parts of web. ``search`` makes SQL of what a caller looks for, ``view`` makes pages of rows, ``write`` makes
commands of requests. Flat is what all three use: rows, problems, instants, paths, sign-in, and an execution as it is now."""
