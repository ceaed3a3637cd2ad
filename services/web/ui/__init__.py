"""The page in the browser, as files. `make ui` builds them from the folder ``ui`` into ``built``."""
