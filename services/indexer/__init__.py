"""Projects public events into PostgreSQL, as its only writer."""
