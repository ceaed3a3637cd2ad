"""Scripts in containers, by the HTTP API of an engine. A worker imports this with its first task that asks for one."""
