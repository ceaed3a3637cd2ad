"""``toccata execution``: shows, kills and restarts executions."""
