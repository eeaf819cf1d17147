"""Alembic migrations of the gateway's database: forward only, one change each."""
