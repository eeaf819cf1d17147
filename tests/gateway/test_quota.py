"""The limits of one terminal, and a clock of the office's machine that was set back: nobody is shut out by it."""

from __future__ import annotations

import time

from tests.gateway.backends import once, sql
from tests.gateway.rig import Terminal
from wire.heartbeat import Heartbeat


@once
def test_a_clock_that_is_set_back_shuts_no_terminal_out(terminal: Terminal) -> None:
    ahead_ms = (time.time_ns() // 1_000_000) + 24 * 3_600_000
    data = terminal.gateway.data
    sql(data, "UPDATE terminals SET announced_ms = ?, beats_ms = ? WHERE id = ?", (ahead_ms, ahead_ms, terminal.id))
    beat = Heartbeat(
        version="0", wall="", boot_id="b", uptime_s=1, queued=1, quarantined=0, last_seq=1, disk_free=1, cursor=0
    )
    url = f"{terminal.gateway.url}/v1/heartbeat"
    got = terminal.http.post(url, data=beat.canonical(), headers=terminal.headers(), timeout=20)
    assert got.status_code == 200, got.text
    terminal.prove(terminal.send(terminal.packet(pages=1)))
    row = sql(data, "SELECT announced_ms, beats_ms FROM terminals WHERE id = ?", (terminal.id,))[0]
    assert all(int(str(paid)) < ahead_ms for paid in row)
