"""What web uses of the outside: PostgreSQL, Kafka, HTTP."""
