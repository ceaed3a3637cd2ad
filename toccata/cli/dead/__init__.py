"""``toccata dead``: records that could not be read or decided. It needs only Kafka."""
