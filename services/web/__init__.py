"""Web: the HTTP API and the UI. Reads rows, publishes commands, streams events."""
