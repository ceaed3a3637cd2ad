"""Which system a command talks to: one resolution of the addresses of web, Kafka and PostgreSQL, for every command."""
