"""The terminal's devices: each a supervised worker that answers with a status and never with an exception."""
