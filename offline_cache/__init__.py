"""The sealed drafts, the outbox and the sync engine of the terminal."""
