"""``compress.*``: compressed files and archives. See the README."""
