"""``./adm prove [NAME ...]``: the long forms of the proofs, one after the other; the last line sums up.

Each is a module of its own (``python -m tests.proof.NAME``) that ends with one line and exits with 1 when a promise was
broken. Exit code 1 here on any miss.
"""

from __future__ import annotations

import subprocess
import sys
import time

from tests.gateway.rig import ROOT

PROOFS = ("power_cut", "model", "fuzz", "upgrade", "backends", "rows", "kill")
"""In this order: the quick ones first, the kill loop (both cores, the longest) last."""
LIMIT_S = 1500  # for all of them, on two cores


def main(words: list[str]) -> int:
    """Run those named, or all; 2 for a word that is no proof."""
    if strange := [word for word in words if word not in PROOFS]:
        print(f"prove: no proof is called {', '.join(strange)}; there are {', '.join(PROOFS)}", file=sys.stderr)
        return 2
    began, missed = time.monotonic(), list[str]()
    chosen = [name for name in PROOFS if not words or name in words]
    for name in chosen:
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"tests.proof.{name}"], cwd=ROOT, check=False).returncode:
            missed.append(name)
    took = time.monotonic() - began
    if took > LIMIT_S:
        missed.append(f"{took:.0f} s instead of {LIMIT_S}")
    held = "every promise held" if not missed else f"MISSED: {', '.join(missed)}"
    print(f"\nprove: {len(chosen)} proofs in {took:.0f} s, {held}")
    return int(bool(missed))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
