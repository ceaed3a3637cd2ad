"""``toccata execution``: look at executions and steer them."""
