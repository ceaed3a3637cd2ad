"""The files of the page. `make ui` builds them from the folder ``ui`` into ``built``."""
