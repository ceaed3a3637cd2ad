"""Services that are reached with a few HTTP requests. Each of their types is a declaration."""
