"""Messages of Kafka."""
