"""What the executor asks of the outside beside its processors."""
