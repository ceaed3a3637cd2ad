"""Task types that are nothing but rendering: their properties, and what they do with them. A module each."""
