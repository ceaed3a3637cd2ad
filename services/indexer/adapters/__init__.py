"""PostgreSQL, and what the indexer uses of Kafka."""
