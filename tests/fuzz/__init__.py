"""Programs that throw generated input at a running system. They are not part of the gate."""
