"""``toccata doctor``: looks at every part that Toccata stands on; each finding that is not good says what to do.

It only looks: the one thing that it writes is an empty file in internal storage, which it removes again.
"""
