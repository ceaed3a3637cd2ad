"""The JSON that clients read and send, as models. They describe; answers are made elsewhere, without them."""
