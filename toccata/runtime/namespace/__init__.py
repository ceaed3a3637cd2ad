"""Values and files of namespaces, as workers and web use them: read from ``namespaces.state``, changed through the registry."""
