"""The rows of the line: wire bytes by payload, and time by the floor, over three emulated links (sync-notes §4.3)."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from tests.benchmarks.link import namespaces
from tests.benchmarks.link.namespaces import Link
from tests.benchmarks.link.proxy import ProxyLink
from tests.benchmarks.link.shape import Profile
from tests.benchmarks.sending import UPSTREAM, Office, Sent
from tests.benchmarks.table import Row

SIZE = 1_000_000
CLEAN = Profile(rate=128_000, rtt=0.3)
WIRE_CUT = Profile(rate=128_000, rtt=0.3, cut_every=40, cut_for=6)
CUT128 = Profile(rate=128_000, rtt=0.5, loss=0.01, cut_every=40, cut_for=6)
CUT256 = Profile(rate=256_000, rtt=0.6, loss=0.005, cut_every=25, cut_for=6)
_LINKS = {
    "link-clean": (CLEAN, 1.08, 1.05, "128 kbit/s, RTT 0.3 s, never cut"),
    "link-cut128": (CUT128, 1.40, 1.30, "128 kbit/s, RTT 0.5 s, loss 1 %, cut every 40 s for 6 s"),
    "link-cut256": (CUT256, 1.40, 1.30, "256 kbit/s, RTT 0.6 s, loss 0.5 %, cut every 25 s for 6 s"),
}
NAMES = ("wire", "wire-cut", *_LINKS)
_AT_ONCE = 8
_PEER_LIMIT = 3.0  # times the floor, then it counts as never


def measure(names: Sequence[str], seeds: int, *, cut_after: bool) -> list[Row]:
    """The rows of those names; all their runs share one gateway, each has its own line.

    ``cut_after``: a period is counted from the end of a cut, not from its beginning.
    """
    why_not = namespaces.why_not()
    runs: dict[str, list[Future[Sent]]] = {}
    peers: dict[str, Future[Sent]] = {}
    with Office(ProxyLink if why_not else Link) as office, ThreadPoolExecutor(_AT_ONCE) as pool:

        def ours(profile: Profile, count: int) -> list[Future[Sent]]:
            chosen = [_but(profile, seed=seed, cut_after=cut_after) for seed in range(1, count + 1)]
            return [pool.submit(office.send, each, SIZE, 8 * _floor(each)) for each in chosen]

        if "wire-cut" in names:
            runs["wire-cut"] = ours(WIRE_CUT, min(3, seeds))
        for name, (profile, *_) in _LINKS.items():
            if name in names or (name == "link-clean" and "wire" in names):
                runs[name] = ours(profile, seeds if name in names else 1)
                if name in names:
                    peers[name] = pool.submit(
                        office.post, _but(profile, cut_after=cut_after), SIZE, _PEER_LIMIT * _floor(profile)
                    )
        found = {name: [each.result() for each in group] for name, group in runs.items()}
        beside = {name: each.result() for name, each in peers.items()}
    made = [_wire("wire", found["link-clean"][:1], 1.065, 1.062)] if "wire" in names else []
    if "wire-cut" in names:
        made.append(_wire("wire-cut", found["wire-cut"], 1.14, 1.10))
    made += [_time(name, found[name], beside[name], why_not) for name in _LINKS if name in names]
    return made


def _but(profile: Profile, **changed: float) -> Profile:
    return Profile(**(profile.plain() | changed))  # pyright: ignore[reportArgumentType]  # its own fields


def _floor(profile: Profile) -> float:
    return profile.outages(SIZE * UPSTREAM * 8 / profile.rate)


def _wire(name: str, runs: list[Sent], must: float, hope: float) -> Row:
    cuts = "a cut every 40 s for 6 s" if name == "wire-cut" else "never cut"
    what = f"IP bytes both ways / payload: one 1 MB part, manifest, receipt, fresh TLS connection, 128 kbit/s, {cuts}"
    floor = "floor 1.060 (up alone 1.038)" if name == "wire" else "floor 1.038"
    counted = [run for run in runs if run.wire is not None and run.up is not None]
    if not counted:
        return Row(name, what, "-", floor, None, must, hope, notes=("nobody counts IP bytes on a loopback proxy",))
    middle = statistics.median_low([run.wire or 0.0 for run in counted])
    run = next(run for run in counted if run.wire == middle)
    note = f"up alone {(run.up or 0) / run.payload:.4f}, down {(run.down or 0) / run.payload:.4f}"
    if len(counted) > 1:
        note += f"; {len(counted)} runs: {', '.join(f'{one.wire:.3f}' for one in counted)}"
    ratio = middle if all(each.whole for each in runs) else float("inf")
    return Row(
        name,
        what,
        f"{(run.up or 0) + (run.down or 0)} B",
        f"{run.payload} B; {floor}",
        ratio,
        must,
        hope,
        notes=(note,),
    )


def _time(name: str, runs: list[Sent], peer: Sent, why_not: str) -> Row:
    _, must, hope, what = _LINKS[name]
    ratios = [run.slowness for run in runs]
    whole = sum(run.whole for run in runs)
    middle = statistics.median(ratios)
    taken = ["never" if run.seconds is None else f"{run.seconds:.1f}" for run in runs]
    notes = [f"seeds: {', '.join(taken)} s; {whole} of {len(runs)} complete"]
    if runs[0].wire is not None:
        notes.append(f"wire / payload: {', '.join(f'{run.wire:.3f}' for run in runs)}")
    if peer.seconds is None:
        notes.append(f"beside it, a whole-file POST: never (given {_PEER_LIMIT * peer.floor:.0f} s{_sent(peer)})")
    else:
        notes.append(
            f"beside it, a whole-file POST: {peer.seconds:.1f} s, {peer.slowness:.3f} x its floor{_sent(peer)}"
        )
    if runs[0].profile.cut_after:
        notes.append("cuts counted from the end of the one before (--cut-after)")
    if why_not:
        notes.append(f"loopback proxy, no packet loss: {why_not}")
    seconds = sorted(run.seconds or float("inf") for run in runs)[len(runs) // 2]
    floor = statistics.median(run.floor for run in runs)
    ratio = middle if whole == len(runs) else float("inf")
    return Row(
        name, f"time / floor: {what}", f"{seconds:.1f} s", f"floor {floor:.1f} s", ratio, must, hope, notes=tuple(notes)
    )


def _sent(run: Sent) -> str:
    return "" if run.wire is None else f", wire / payload {run.wire:.2f}"
