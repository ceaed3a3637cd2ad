"""The IO kit and the processor runtime. Not a service, and never imports one."""
