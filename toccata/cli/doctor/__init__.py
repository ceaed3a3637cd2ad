"""``toccata doctor``: checks every part that Toccata needs. Each finding that is not good says what to do.

It changes nothing. It only writes an empty file into internal storage and removes it again.
"""
