"""Processor ``registry``: flows and their revisions.

event    what was decided, private to the journal      state   what is remembered of each flow, never its source
evolve   one event applied                             decide  what an input leads to
machine  the only door: one input in, one Step out     dump    the state as items, for snapshots
source   what the registry must know of a source: its triggers and its limit
"""
