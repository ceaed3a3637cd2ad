"""The calls, with Google's own client, which blocks: so they are made in threads."""
