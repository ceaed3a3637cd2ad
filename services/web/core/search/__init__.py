"""Filters, orders and pages as SQL text and parameters. No value of a caller ever becomes SQL text."""
