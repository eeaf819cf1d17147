"""The proofs: short forms are tests, long forms are ``./adm python -m tests.proof.<name>`` (docs/proofs.md)."""
