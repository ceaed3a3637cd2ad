"""The decisions of dispatch: attempts to workers, leases, withdrawal, drain. Knows neither flows nor what an attempt does.

Theory of operation. An attempt is queued. Then it is handed to one worker with a free slot. Then it leaves in one of two
ways. Either its worker reported its end: then the outcome itself went from the worker to the executor, and dispatch only
frees the slot. Or it is closed here, because it was withdrawn or lost: then dispatch tells the executor by an ``AttemptEnded``.

A worker keeps its place as long as it is heard. One lease timer a worker checks that, so a heartbeat costs one small event
and no timer. Each decision ends with ``assign``, since each may have freed a slot or filled the queue.

One module a subject: ``attempt`` (enqueue, withdraw), ``worker`` (announce, report, drain, lease), ``assign`` (queue to
workers), ``leave`` (how an attempt is stopped and closed).
"""
