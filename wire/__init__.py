"""Every word that the terminal and the office must agree on: formats, numbers, signatures, states, services, faults, events."""
