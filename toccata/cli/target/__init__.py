"""Finds the system that a command talks to. Every command resolves the addresses of web, Kafka and PostgreSQL here."""
