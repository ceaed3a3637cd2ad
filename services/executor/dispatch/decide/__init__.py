"""The decisions of dispatch: attempts to workers, leases, withdrawal, drain. It knows neither flows nor what an attempt does.

Theory of operation. An attempt is queued, and then handed to one worker with a free slot. It leaves in one of two ways.
Its worker may report its end: then the worker sent the outcome to the executor, and dispatch only frees the slot. Or dispatch
closes it, because it was withdrawn or lost: then dispatch sends the executor an ``AttemptEnded``.

A worker keeps its place as long as it is heard. Each worker has one lease timer that checks this, so a heartbeat costs one
small event and no timer. Each decision ends with ``assign``, because it may have freed a slot or filled the queue.

There is one module for each subject: ``attempt`` (enqueue, withdraw), ``worker`` (announce, report, drain, lease), ``assign``
(queue to workers), ``leave`` (how an attempt is stopped and closed).
"""
