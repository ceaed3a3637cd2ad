"""HTTP as tasks and templates speak it: options as flows write them, a guard over addresses, one client."""
