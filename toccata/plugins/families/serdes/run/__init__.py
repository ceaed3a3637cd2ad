"""The conversions. Modules here but ``task`` run in a child, and import nothing of Toccata but ``toccata.rows`` and ``toccata.child``."""
