"""The worker: runs many attempts at once, and reports one outcome for each. It holds no policy."""
