"""The `toccata` command, for using the API, the topics and the processes. It keeps no state."""
