"""The partition-processor runtime, for every state machine that owns state.

journal      the record of one input, which is the commit point
input        where inputs come from, and those whose step raised
partition    all logic of one partition, without IO: decide, commit, owe, recover (the simulator runs this)
outgoing     what a partition still owes to other topics
timers       its timers
snapshot     what all formats of snapshots share; incomplete ones are never read
cells        a partition's state as one cell an entity, written when the entity changed
whole        the first format: the whole state, each time
restore      loads a partition from the newest complete snapshot of any format
spec         what a processor is: name, inputs, machine
ports        what the shell needs: a log and a clock; kafka_log is the real log
membership   which replica owns which partition (a consumer group on an empty topic, in its own thread)
recovery     builds a partition from snapshot and journal; refuses a log that lacks records
saver        has snapshots taken, and cuts the journal below them
lane         the inputs of one partition that were read ahead
host         the shell: reads inputs, appends, sends owed records
"""
