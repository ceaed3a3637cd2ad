"""The flow as written: models, validation, the values of its inputs, and the compiled plan.

    source ─ yaml_text ─▶ plain value ─ plugin_default ─▶ merged value ─ parse ─▶ model.Flow ─ plan ─▶ plan.Plan

``trigger_start`` decides what a trigger gives an execution to start with.

Pure: it knows no clock, no storage and no plugin. A ``catalog.Catalog`` tells it about types."""
