"""Pure decisions of the worker: which attempts it has, what begins when, what an end becomes."""
