"""What standalone tells a person when it cannot go on: every message says what to do next."""


class StandaloneError(Exception):
    """Standalone cannot start or go on; the text is for the person at the terminal."""
