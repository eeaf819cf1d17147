"""The hand tools, started by ``python -m drivers``: what a technician asks a device before and beside the terminal."""
