"""``toccata events``: publish CloudEvents and read topics, over Kafka alone, so that both work without web."""
