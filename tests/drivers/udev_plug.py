"""Plugs a code scanner into a machine of umockdev's: started by ``test_udev.py`` with the system's own Python.

umockdev-wrapper /usr/bin/python3 udev_plug.py PYTHON: the watcher (``udev_watch.py``) runs on PYTHON.
"""

import os
import subprocess
import sys

import gi  # pyright: ignore[reportMissingImports]  # only the system's Python has it

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402  # pyright: ignore[reportMissingImports]  # gi wants the version first

LINK = "serial/by-id/usb-Acme_Code_Scanner_0001-if00"
TTY = "/devices/pci0000:00/0000:00:14.0/usb1/1-4/1-4:1.0/ttyUSB0/tty/ttyUSB0"
SCANNER = f"""P: {TTY}
N: ttyUSB0
S: {LINK}
E: SUBSYSTEM=tty
E: DEVNAME=/dev/ttyUSB0
E: ID_BUS=usb
E: DEVLINKS=/dev/{LINK}
A: dev=188:0\\n
"""

machine = UMockdev.Testbed.new()
watcher = subprocess.Popen(
    [sys.argv[1], "-m", "tests.drivers.udev_watch", f"serial:/dev/{LINK}"], stdout=subprocess.PIPE, text=True
)
assert watcher.stdout is not None
for line in watcher.stdout:
    sys.stdout.write(line)
    if line == "watching\n":
        machine.add_from_string(SCANNER)  # sends "add" by itself
    elif line == "ready\n":
        os.write(machine.get_dev_fd("/dev/ttyUSB0"), b"KMT-10417-6\r\n")
sys.stdout.flush()
sys.exit(watcher.wait(20))
