"""``io.kestra.plugin.core.*``: the types that need nothing but Toccata."""
