"""The document camera: hands out the newest JPEG and its time, undecoded."""
