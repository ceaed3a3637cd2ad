"""Pure decisions of the worker: which attempts it has, which ones begin, and what their ends become."""
