"""The station process: the visit, the drivers, the cache and the sync, and the supervision of the window."""
