"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.rules.tracked import ROOT, lines, product, short, tracked

LONGEST = 400
LONG: dict[str, str] = {  # path: why it is one file all the same
    "tests/proof/model.py": "one state machine: its model, its rules and its invariants are read side by side",
}

# Only these make data durable or take it away; the others of their floor ask them.
DURABLE = {"offline_cache": "offline_cache/durable.py", "gateway": "gateway/store/durable.py"}
DURABLE_CALLS = {
    "fsync",
    "fdatasync",
    "rename",
    "renames",
    "replace",
    "unlink",
    "remove",
    "rmdir",
    "rmtree",
    "truncate",
}

IGNORE = re.compile(r"#\s*(pyright:\s*(?:ignore|basic|standard|strict|report)|type:\s*ignore|noqa|ruff:\s*noqa)(.*)")


def test_every_silenced_complaint_says_why() -> None:
    found = [
        f"{short(path)}:{number}: {line.strip()[:120]}"
        for path in tracked(".py")
        for number, line in enumerate(lines(path), 1)
        if (ignore := IGNORE.search(line)) and not reasoned(ignore[1], ignore[2])
    ]
    assert not found, "no reason beside it:\n" + "\n".join(found)


def reasoned(kind: str, rest: str) -> bool:
    """Whether what stands behind an ignore names a rule and then says at least two words."""
    if kind.startswith("type"):
        return False  # basedpyright is told not to honour these
    named = re.match(r"\s*\[[\w, ]+\]|\s*:\s*[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*|\w*\s*=\s*\w+|\s*$", rest)
    return named is not None and len(re.findall(r"[A-Za-z]{2,}", rest[named.end() :])) >= 2


def test_rule_sees_an_ignore_without_a_reason() -> None:
    assert not reasoned("pyright: ignore", "[reportFoo]")
    assert not reasoned("noqa", ": N802")
    assert not reasoned("noqa", " because I say so")
    assert not reasoned("type: ignore", "[x]  # because it is so")
    assert reasoned("pyright: ignore", "[reportFoo, reportBar]  # the stub is wrong")
    assert reasoned("noqa", ": N802, E402 - the field's name")


def test_long_files_have_a_reason() -> None:
    long = {short(path) for path in tracked(".py") if len(lines(path)) > LONGEST}
    assert long == set(LONG), f"over {LONGEST} lines, and not in LONG (or in LONG, and short now)"


def test_only_the_durable_modules_move_or_remove_files() -> None:
    found = [
        f"{short(path)}:{line}: {name}"
        for path in product(".py")
        if (floor := path.relative_to(ROOT).parts[0]) in DURABLE and short(path) != DURABLE[floor]
        for line, name in durable_calls(path)
    ]
    assert not found, f"only {', '.join(DURABLE.values())} may call these:\n" + "\n".join(found)


def durable_calls(path: Path) -> Iterator[tuple[int, str]]:
    """Line and name of each call that makes a file durable, moves or removes it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name, owner = node.func.attr, node.func.value
        if name not in DURABLE_CALLS:
            continue
        module = owner.id if isinstance(owner, ast.Name) else ""
        if module in ("os", "shutil") or name in ("unlink", "rmdir", "rename"):
            yield node.lineno, f"{module or '...'}.{name}"
        elif name == "replace" and len(node.args) == 1 and not node.keywords:
            yield node.lineno, "Path.replace"  # a string's takes two, a date's takes keywords


def test_rule_sees_durable_calls(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text("import os\nos.fsync(3)\np.unlink()\np.replace(q)\n'a'.replace('b', 'c')\nd.replace(tzinfo=None)\n")
    assert [line for line, _ in durable_calls(file)] == [2, 3, 4]


def test_no_flag_makes_the_product_pretend() -> None:
    """Virtual devices are other processes, named in the roles file: no name and no word of a setting in the product."""
    pretend = re.compile(r"(?i)^(?:-*|ADM_)(demo|simulat\w*|fake|mock)(?:_mode)?$")
    found: list[str] = []
    for path in product(".py"):
        if "virtual" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case (
                    ast.Name(id=word)
                    | ast.arg(arg=word)
                    | ast.keyword(arg=str(word))
                    | ast.Attribute(attr=word)
                    | ast.Constant(value=str(word))
                ) if pretend.match(word):
                    found.append(f"{short(path)}: {word}")
                case _:
                    pass
    assert found == []
