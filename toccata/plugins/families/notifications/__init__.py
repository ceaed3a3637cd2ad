"""Messages to people: chats, alerts, telephones and mail."""
