"""The document scanner: SANE through a ``scanimage`` child, flatbed and feeder."""
