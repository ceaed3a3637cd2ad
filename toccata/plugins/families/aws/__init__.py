"""Amazon's services, and those that speak the same protocols."""
