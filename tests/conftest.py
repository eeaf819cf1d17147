"""What every test shares: hypothesis without deadlines, since two slow cores are often one busy core."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("adm", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("adm")
