"""The partition-processor runtime: one for every state machine that owns state.

journal      the record of one input: the commit point
partition    all logic of one partition, without IO: decide, commit, owe, recover (what the simulator runs)
snapshot     a partition's state as parts of a compacted topic, torn ones never read
membership   who owns which partition (consumer group on an empty topic, own thread)
recovery     from snapshot and journal to a partition that may decide
host         the shell: reads inputs, appends, sends what is owed, takes snapshots
"""
