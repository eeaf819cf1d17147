"""Fixtures: one gateway process for a module, one enrolled terminal for a test."""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Callable, Iterator

import pytest

from tests.gateway.rig import OFFICER, PLACE, Gateway, Officer, Terminal, run

_codes = ("".join(letters) for letters in itertools.product("B", string.ascii_uppercase, string.ascii_uppercase))


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with one officer."""
    data = tmp_path_factory.mktemp("gateway") / "data"
    run("gateway", "officer", "add", "--data", str(data), "--name", OFFICER[0], "--login", OFFICER[1], stdin=OFFICER[2])
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
