"""Processor ``registry``: flows and their revisions.

event    what was decided, private to the journal
state    what is remembered of each flow (never its sources), and its dump
source   what the registry must know of a source: its triggers and its limit
machine  the decisions
"""
