"""Hides from scripts of flows what they must not see: other processes, the data directory, other attempts' folders.

place.py      what is hidden, and what a script keeps
mechanism.py  the ways to do it: bubblewrap, namespaces of util-linux, an account for each attempt
choice.py     which of them works on this machine: each is tried

A mechanism is a command that is put before the script's own. The kernel does the rest.
"""
