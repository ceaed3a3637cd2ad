"""What SQL tasks do. Modules here but ``task`` and ``host`` import nothing of Toccata but ``toccata.rows``: they also run in a child."""
