"""One module a command. Each takes a turn and the command; what it decides it emits. Deciding again emits nothing."""
