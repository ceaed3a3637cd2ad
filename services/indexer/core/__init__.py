"""Events to row changes, pure."""
