"""The officers' side: opening sealed applications, deciding them, and the pages that do it."""
