"""Who calls: what a request shows, what of it counts, and how often one may guess. Pure: the time is an argument."""
