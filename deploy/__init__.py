"""What stands around the product: set-up, pins, units, the demo. No floor imports it."""
