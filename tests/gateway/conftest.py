"""Fixtures: one gateway process for a module and backend, one enrolled terminal for a test."""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.gateway import backends
from tests.gateway.postgres import Server
from tests.gateway.rig import PLACE, Gateway, Officer, Terminal, add_officer
from tests.gateway.s3 import Bucket

ON_BOTH = ("test_intake", "test_parts", "test_takeover", "test_workers", "test_store", "test_database")
"""What a plain run plays on the second backend too; all of it when files are named, and by ``./adm prove backends``."""

_codes = ("".join(letters) for letters in itertools.product("B", string.ascii_uppercase, string.ascii_uppercase))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that has a data directory from here runs on both backends, unless it or its module says otherwise."""
    if "backend" in metafunc.fixturenames:
        chosen = getattr(metafunc.function, "backends", getattr(metafunc.module, "BACKENDS", backends.BOTH))
        metafunc.parametrize("backend", chosen, scope="module", indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A plain run has twenty minutes: the second backend's other tests wait for a run that names them."""
    if any("gateway" in argument for argument in config.args):
        return
    left_out = [item for item in items if _second(item) and item.path.stem not in ON_BOTH]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _second(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    return call is not None and call.params.get("backend") == "served"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server of this test process."""
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="session")
def s3() -> Iterator[Bucket]:
    """An S3 server of this test process."""
    bucket = Bucket()
    yield bucket
    bucket.close()


@pytest.fixture(scope="module")
def backend(request: pytest.FixtureRequest) -> str:
    """The word of tests.gateway.backends."""
    return str(request.param)


@pytest.fixture(scope="module")
def data(backend: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory's name; its settings file is there where the backend wants one."""
    folder = tmp_path_factory.mktemp("gateway") / "data"
    if backend == "served":
        server: Server = request.getfixturevalue("postgres")
        bucket: Bucket = request.getfixturevalue("s3")
        backends.settle(folder, server, server.database(), bucket.toml())
    return folder


@pytest.fixture(scope="module")
def gateway(data: Path) -> Iterator[Gateway]:
    """A gateway with one officer."""
    add_officer(data)
    made = Gateway(data).start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def new_terminal(gateway: Gateway) -> Callable[[], Terminal]:
    """Enrols a terminal under a code that no other has (by the page: the command line starts a Python each time)."""
    officer = Officer(gateway)
    officer.sign_in()
    csrf = officer.csrf(officer.get("/terminals"))

    def make() -> Terminal:
        page = officer.post("/terminals", {"csrf": csrf, "code": next(_codes), "phone": "", **PLACE})
        found = re.search(r"ADM1\.[A-Za-z0-9_-]+", page.text)
        assert found, page.text
        return Terminal(gateway).enrol(found.group(0))

    return make


@pytest.fixture
def terminal(new_terminal: Callable[[], Terminal]) -> Terminal:
    """An enrolled terminal of its own."""
    return new_terminal()
