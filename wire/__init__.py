"""Every word that terminal and office must agree on: formats, numbers, signatures, states, services, faults, events."""
