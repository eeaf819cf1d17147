"""The window: draws one ``KioskStatus`` and sends intents. The only floor with Kivy."""
