"""The window process: draws ``KioskStatus``, sends intents; no keys, no network, no database, no cv2."""
