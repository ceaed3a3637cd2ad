"""Models of language: chats, embeddings, and answers from documents."""
