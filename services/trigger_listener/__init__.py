"""Turns time and events into executions. Webhooks are web's: it has the request."""
