"""The ports of the event listener over Kafka."""
