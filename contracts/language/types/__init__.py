"""The types that the engine itself understands: one declaration each, pure.

property     what a type's properties are made of: their base, ``dynamic``, ``static``, ``Duration``
name         ids and names: their characters and their length
declaration  what a declaration says: ``FlowableType``, ``TriggerType``, ``InputType``, and the slots of a flowable's child tasks
behaviour    what the functions of a flowable see and give
flowable/    one file a flowable: its declaration, and how it behaves
input/       one file a type of inputs: its keys, and how its values are read and checked
trigger/     one file a trigger
index        all declarations of these folders; generated

Nothing here knows the flow around a task; ``contracts.language.flow`` imports this, never the reverse."""
