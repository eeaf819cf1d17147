"""The QR and barcode scanner on a serial line."""
