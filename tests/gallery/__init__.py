"""Every screen of the window in every variant, drawn, measured and laid out on one page: ``./adm gallery``."""
