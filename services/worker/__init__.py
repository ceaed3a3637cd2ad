"""The worker: runs attempts, many at once, and reports one outcome each. Holds no policy."""
