"""What a person can type, one module a noun: arguments and help. The work is done elsewhere, imported when it is run."""
