"""The triggers that the engine itself evaluates: one declaration each. Evaluation stands in trigger-listener and in web."""
