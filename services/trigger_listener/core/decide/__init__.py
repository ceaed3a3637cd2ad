"""The decisions about triggers: which slots fire, when the next one is, who holds a lock. Knows time only as input.

Theory of operation. ``next_at`` is the first slot that is not decided yet. It moves only by an event that fires or passes
over slots, so none is lost or doubled whatever happens between. One timer a trigger, named by its key, stands at ``next_at``
while the trigger is idle (enabled and unlocked).

A timer that comes late by more than MISSED_AFTER_MS says that we were away. Then ``recoverMissedSchedules`` decides about the
slots since. Slots that passed while the trigger was locked are not missed but late: they fire one by one as the lock is
released.

One module a subject: ``definition`` (define, remove), ``disabling``, ``lock`` (unlock), ``slot`` (a slot is due, fires or is
passed over).
"""
