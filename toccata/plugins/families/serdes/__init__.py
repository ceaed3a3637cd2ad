"""``serdes.*``: files of rows in other formats, and back. See the README."""
