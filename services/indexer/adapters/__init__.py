"""Adapters for PostgreSQL and Kafka."""
