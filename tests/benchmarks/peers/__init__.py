"""The same work on Toccata, Restate and DBOS, one system at a time on the same machine. ``make bench-peers`` runs it."""
