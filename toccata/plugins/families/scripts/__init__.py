"""``io.kestra.plugin.scripts.*``: the user's own programs, each in its own process. See README.md."""
