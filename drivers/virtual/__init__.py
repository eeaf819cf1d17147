"""Virtual devices: processes of their own that speak the real protocols. For the demo and the tests alone."""
