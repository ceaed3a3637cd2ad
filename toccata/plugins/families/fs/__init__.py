"""Files of the worker's machine and of other machines, commands over SSH, and plain sockets."""
