"""Git repositories, and flows and files that are kept in them."""
