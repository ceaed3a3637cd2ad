"""Processor ``limits``: who holds and who awaits the concurrency slots of a flow.

event    what was decided, private to the journal
state    limits with holders and queues, how events change them, and their dump
machine  the decisions
"""
