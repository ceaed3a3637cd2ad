"""Templates inside the core: their variables and their results.

variables      the variables of a task run's templates, and of the flow's own
own_iteration  finds templates that only read outputs of their own iteration
template       renders a task's templates, with any error as RenderingFailed
question       what only a worker can render: what is asked, and its answers
inputs         the inputs of a start, typed
outputs        the outputs of a flow, typed
"""
