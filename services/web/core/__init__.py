"""Pure parts of web: filters, views, requests to commands."""
