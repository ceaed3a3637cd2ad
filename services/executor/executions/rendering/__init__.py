"""Templates inside the core: what they see, and what comes of them.

variables      what the templates of a task run, or of the flow itself, may see
own_iteration  which templates ask for outputs of their own iteration alone
template       a task's templates, made total
inputs         the inputs of a start, typed
outputs        the outputs of a flow, typed
"""
