"""The way to the office: one thread, three calls, no last try."""
