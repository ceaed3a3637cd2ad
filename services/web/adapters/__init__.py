"""Connections to the outside: PostgreSQL and Kafka."""
