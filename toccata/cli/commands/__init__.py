"""The commands with their arguments and help, one module for each noun. Code that does the work is imported when it runs."""
