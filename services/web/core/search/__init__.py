"""Turns filters, orders and pages into SQL text and parameters. No value of a caller ever becomes SQL text."""
