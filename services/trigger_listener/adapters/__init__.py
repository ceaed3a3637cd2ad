"""Implements the event listener's ports with Kafka."""
