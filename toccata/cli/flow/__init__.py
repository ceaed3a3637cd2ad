"""``toccata flow``: validates flows on this machine. Its other commands use the running system."""
