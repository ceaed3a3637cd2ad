"""One module for each command. It takes a turn and the command, and emits its decisions. A repeated command emits nothing."""
