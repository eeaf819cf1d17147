"""The gateway's whole suite on PostgreSQL and S3, as on SQLite and a folder: ``./adm python -m tests.proof.backends``.

A plain ``./adm test`` plays intake, parts, takeover, workers, store and database on both; here it is everything.
"""

from __future__ import annotations

import subprocess
import sys

from tests.gateway.rig import ROOT


def main() -> int:
    """pytest's exit code; its closing line is the summary."""
    words = ("-q", "-n", "2", "--dist", "loadfile", "-k", "served", "tests/gateway")
    return subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
