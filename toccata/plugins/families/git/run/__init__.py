"""The program `git` does the work, isolated as scripts are."""
