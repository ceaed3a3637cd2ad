"""The decisions about triggers: which slots fire, when the next one is, who holds a lock. Time is only an input.

Theory of operation. ``next_at`` is the first slot that is not decided yet. Only an event that fires or passes over slots
moves it, so no slot is lost or fires twice, even after a crash. Each trigger has one timer, named by its key. It is set to
``next_at`` while the trigger is idle (enabled and unlocked).

A timer that is late by more than MISSED_AFTER_MS shows that this service was away. Then ``recoverMissedSchedules`` decides
about the slots since. Slots during a lock are late, but not missed: they fire one by one as the lock is released.

There is one module for each subject: ``definition`` (define, remove), ``disabling``, ``lock`` (unlock), ``slot`` (a slot is
due, fires or is passed over), ``backfill`` (dates of a range), ``start`` (the execution of a date), ``poll`` (a source is asked, and
what its answer starts), ``reset`` (a trigger's state is dropped).
"""
