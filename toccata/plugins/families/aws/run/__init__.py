"""The calls, with Amazon's own client, which blocks: so they are made in threads."""
