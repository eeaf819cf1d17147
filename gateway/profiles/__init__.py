"""Destination profiles: in which files, how large and under which names a destination takes an application's pages."""
