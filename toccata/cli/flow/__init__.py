"""``toccata flow``: validate on this machine; everything else asks the running system."""
