"""The partition-processor runtime, for every state machine that owns state.

journal      the record of one input, which is the commit point
input        where inputs come from, and those whose step raised
partition    all logic of one partition, without IO: decide, commit, owe, recover (the simulator runs this)
outgoing     what a partition still owes to other topics
timers       its timers
snapshot     a partition's state as parts of a compacted topic; incomplete snapshots are never read
spec         what a processor is: name, inputs, machine
ports        what the shell needs: a log and a clock; kafka_log is the real log
membership   which replica owns which partition (a consumer group on an empty topic, in its own thread)
recovery     builds a partition from snapshot and journal; refuses a log that lacks records
saver        has snapshots taken, and cuts the journal below them
lane         the inputs of one partition that were read ahead
host         the shell: reads inputs, appends, sends owed records
"""
