"""The supervisor of one of each service, with an embedded Kafka and PostgreSQL where no real one is named."""
