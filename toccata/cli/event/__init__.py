"""``toccata events``: publishes CloudEvents and reads topics. It needs only Kafka, so it works without web."""
