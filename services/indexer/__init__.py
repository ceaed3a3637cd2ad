"""Projects public events into PostgreSQL; its one writer."""
