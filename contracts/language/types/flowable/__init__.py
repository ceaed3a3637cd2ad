"""The flowable types: one module each, its declaration and its behaviour."""
