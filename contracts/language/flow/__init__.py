"""The flow as written: document with positions, models, validation, inputs, and the compiled plan.

    source ─ document ─▶ plain value ─ plugin_default ─▶ merged value ─ parse ─▶ model.Flow ─ plan ─▶ plan.Plan

``trigger_start`` decides what a trigger gives an execution to start with.

Pure: it knows no clock, no storage and no plugin. A ``catalog.Catalog`` tells it about types."""
