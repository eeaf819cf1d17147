"""The staff's tests of devices: through the same drivers and the same capture child that residents use."""
