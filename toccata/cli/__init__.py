"""The `toccata` command: a person's way to the API, to the topics and to the processes. It holds no state of its own."""
