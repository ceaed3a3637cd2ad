"""Processor ``registry``: flows and their revisions, values and files of namespaces.

event    the decisions, private to the journal          state   a summary of each, never the content
evolve   applies one event                              decide  the effects of an input
machine  the only entrance: one input in, one Step out  dump    the state as items, for snapshots
source   what the registry reads of a source: its triggers and its limit
"""
