"""The pure part of trigger-listener: processor ``triggers``, and the matching of events.

event    what was decided; all of it is public         state    what is known of each trigger
evolve   one event applied                             decide/  what an input leads to
machine  the only door: one input in, one Step out     dump     the state as items, for snapshots
schedule, slot   the dates of a schedule
incoming, match  an event from outside, and the triggers that it concerns
"""
