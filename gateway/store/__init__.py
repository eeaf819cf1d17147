"""Where acknowledged bytes are kept: a folder of this machine, or a bucket of an S3 server by settings.

Nobody outside this package knows names or paths in a store.
"""

from __future__ import annotations

from gateway.settings import Settings
from gateway.store.durable import make_once as make_once
from gateway.store.durable import write_folder as write_folder
from gateway.store.local import LocalStore as LocalStore
from gateway.store.port import Length as Length
from gateway.store.port import Moved as Moved
from gateway.store.port import Place as Place
from gateway.store.port import Store as Store
from gateway.store.port import StoreError as StoreError
from gateway.store.port import StoreFull as StoreFull
from gateway.store.port import WrongHash as WrongHash


def open_store(settings: Settings) -> Store:
    """The store that the settings name. Raises StoreError when its credentials cannot be read."""
    if settings.store.bucket:
        # Here, not above: 50 ms that an office without an S3 server can do without.
        from gateway.store.s3 import S3

        return S3(settings.store)
    settings.store_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return LocalStore(settings.store_folder)
