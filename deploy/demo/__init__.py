"""The demo: the real programs on virtual devices. The only place beside the tests that knows `drivers.virtual`."""
