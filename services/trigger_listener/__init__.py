"""Turns time and events into executions. Web serves webhooks, because it has the request."""
