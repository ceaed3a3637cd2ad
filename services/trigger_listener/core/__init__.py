"""The pure part of trigger-listener: the machine of triggers, slots of schedules, matching of events."""
