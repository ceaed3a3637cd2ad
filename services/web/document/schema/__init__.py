"""Models of the JSON that clients read and send. They only describe it; web makes answers without them."""
