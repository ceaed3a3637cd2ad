"""One module for each library that speaks to databases. Each holds a ``DRIVER`` for every scheme that it serves."""
