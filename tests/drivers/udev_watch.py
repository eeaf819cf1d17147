"""The product's half of ``test_udev.py``: a code scanner that is not there yet, and hot-plug that hears udev alone."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from drivers.code.serial import SerialCodeReader
from drivers.contract import Phase
from drivers.hotplug import Hotplug, Watch, look_for
from drivers.worker import Supervision
from tests.drivers.conftest import until

link = sys.argv[1]
look = look_for(link)
assert look is not None
heard: list[str] = []
# Neither the worker's own retry nor the poll comes in time: only udev's event can.
reader = SerialCodeReader(link, supervision=Supervision(retry=60.0))
reader.on_code(heard.append)
hotplug = Hotplug([Watch(look, reader.wake)], poll=60.0, udev=Path("/"))
reader.start()
hotplug.start()
until(lambda: reader.status().phase is Phase.OFFLINE)
time.sleep(0.2)  # the worker is in its wait, the monitor has begun
print("watching", flush=True)
until(lambda: reader.status().phase is Phase.READY)
print("ready", flush=True)
until(lambda: heard)
print(*heard, flush=True)
hotplug.stop()
reader.stop()
