"""Code of core tasks that is longer than a few lines."""
