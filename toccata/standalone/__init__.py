"""Supervises one of each service, with an embedded Kafka and PostgreSQL unless real ones are configured."""
