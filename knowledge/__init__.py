"""What agents know: sources, documents, their passages, and how these are found."""
