"""Programs that throw generated input: ``api`` at a running system, ``core`` at the pure cores. The gate runs a short version of the
latter."""
