"""Recording: a command under strace, and what it did to one folder as ops of ``tests.proof.disk``."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.proof.disk import Change, Cut, Name, Node, Op, Sync, Told, Write

ROOT = Path(__file__).resolve().parents[2]
_CALLS = (
    "open,openat,creat,close,dup,dup2,dup3,lseek,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,fallocate,"
    "copy_file_range,sendfile,splice,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,"
    "mkdir,mkdirat,fsync,fdatasync,sync_file_range,mmap"
)
_LINE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+)(.*)$")
_BEGUN = re.compile(r"^(\d+) +(\w+\(.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
_FD = re.compile(r"^(AT_FDCWD|-?\d+)<((?:\\x[0-9a-f]{2})*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


class RecordingError(Exception):
    """The record shows something that the model does not know: it must learn it, not pass over it."""


class Recording:
    """``root``: the folder, empty at the start. ``ops``: all that happened to it. ``fsyncs``: how many."""

    def __init__(self, folder: Path, promises: Path, log: Path) -> None:
        self.root = Node(folder=True)
        self._folder, self._promises = os.path.realpath(folder), os.path.realpath(promises)
        self._live: dict[Node, dict[str, Node]] = {self.root: {}}
        self._at: dict[tuple[str, Node], int] = {}
        self._told = b""
        self.ops: list[Op] = []
        with log.open(encoding="ascii") as lines:
            for name, words, result, opened in _calls(lines):
                self._take(name, words, result, opened)
        self.fsyncs = sum(isinstance(op, Sync) for op in self.ops)

    def _take(self, call: str, words: str, result: int, opened: str) -> None:
        if result < 0:
            return
        match call:
            case "open" | "openat" | "creat":
                self._open(words, str(result), opened)
            case "write" | "pwrite64" | "ftruncate" | "lseek" | "fsync" | "fdatasync":
                number, path = _descriptor(words)
                if call == "write" and path == self._promises:
                    self._tell(_texts(words)[0])
                elif (node := self._node(path)) is not None:
                    self._file(call, words, result, number, node)
            case "mkdir" | "mkdirat":
                self._name(_paths(words)[0], Node(folder=True))
            case "rename" | "renameat" | "renameat2":
                self._move(*_paths(words))
            case "link" | "linkat":
                old, new = _paths(words)
                if (node := self._node(old)) is not None:
                    self._name(new, node)
            case "unlink" | "unlinkat" | "rmdir":
                self._name(_paths(words)[0], None)
            case "mmap":
                shared = "PROT_WRITE" in words and "MAP_SHARED" in words
                path = _descriptor(words.split(", ")[4])[1] if shared and "ANONYMOUS" not in words else ""
                if self._node(path) is not None:
                    raise RecordingError(f"{path} is written through mmap")
            case "close" | "dup" | "dup2" | "dup3":
                pass
            case _:
                if self._folder in "".join(bytes.fromhex(h.replace("\\x", "")).decode("utf-8", "replace")
                                           for h in re.findall(r"(?:\\x[0-9a-f]{2})+", words)):  # fmt: skip
                    raise RecordingError(f"{call} on the folder")

    def _open(self, words: str, number: str, path: str) -> None:
        found = self._place(path)
        if found is None:
            return
        folder, name = found
        node = self._live[folder].get(name) if name else folder
        if node is None:
            if "O_TMPFILE" in words:
                raise RecordingError("a file without a name")
            node = Node()
            self._name(path, node)
        elif "O_TRUNC" in words:
            self._change(node, Cut(0))
        self._at[number, node] = -1 if "O_APPEND" in words else 0

    def _file(self, call: str, words: str, result: int, number: str, node: Node) -> None:
        if call in ("fsync", "fdatasync"):
            self.ops.append(Sync(node))
            node.synced, node.pending = node.live(), []
            return
        at = self._at.get((number, node), 0)
        if call == "lseek":
            self._at[number, node] = result
        elif call == "ftruncate":
            self._change(node, Cut(int(words.rsplit(", ", 1)[1])))
        else:
            data = _texts(words)[0][:result]
            if call == "write":
                at = len(node.live()) if at < 0 else at
                self._at[number, node] = at + result
            else:
                at = int(words.rsplit(", ", 1)[1])
            self._change(node, Write(at, data))

    def _change(self, node: Node, what: Write | Cut) -> None:
        node.pending.append(what)
        self.ops.append(Change(node, what))

    def _name(self, path: str, node: Node | None) -> None:
        found = self._place(path)
        if found is None:
            return
        folder, name = found
        if node is None:
            self._live[folder].pop(name, None)
        else:
            self._live[folder][name] = node
            if node.folder:
                self._live.setdefault(node, {})
        self.ops.append(Name(((folder, name, node),)))

    def _move(self, old: str, new: str) -> None:
        here, there = self._place(old), self._place(new)
        if here is None and there is None:
            return
        if here is None or there is None:
            raise RecordingError(f"{old} moved across the folder's border")
        node = self._live[here[0]].pop(here[1])
        self._live[there[0]][there[1]] = node
        self.ops.append(Name(((*here, None), (*there, node))))

    def _tell(self, data: bytes) -> None:
        *lines, self._told = (self._told + data).split(b"\n")
        self.ops += [Told(json.loads(line)) for line in lines]

    def _place(self, path: str) -> tuple[Node, str] | None:
        """The folder's node and the name in it ("" for the root itself); None outside, and for SQLite's -shm."""
        if path == self._folder:
            return self.root, ""
        if not path.startswith(self._folder + "/") or path.endswith("-shm"):
            return None
        *folders, name = path[len(self._folder) + 1 :].split("/")
        node = self.root
        for folder in folders:
            node = self._live[node][folder]
        return node, name

    def _node(self, path: str) -> Node | None:
        if path.endswith(" (deleted)"):
            return None  # whatever is written there, nobody will read it
        found = self._place(path)
        if found is None:
            return None
        folder, name = found
        return self._live[folder].get(name) if name else folder


def record(words: list[str], folder: Path, promises: Path, log: Path, limit_s: float = 120) -> Recording:
    """Run ``words`` to its end under strace; it writes a line of JSON into ``promises`` for each promise it makes."""
    promises.touch()
    done = subprocess.run(
        ["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", "67108864", "-e", "signal=none",
         "-e", f"trace=?{_CALLS.replace(',', ',?')}", "-o", str(log), *words],
        cwd=ROOT, capture_output=True, text=True, timeout=limit_s, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RecordingError(done.stderr[-3000:])
    return Recording(folder, promises, log)


def _calls(lines: Iterator[str]) -> Iterator[tuple[str, str, int, str]]:
    begun: dict[str, str] = {}
    for line in lines:
        text = line.rstrip("\n")
        if found := _BEGUN.match(text):
            begun[found[1]] = found[2]
            continue
        if found := _RESUMED.match(text):
            text = f"{found[1]} {begun.pop(found[1])}{found[2]}"
        if found := _LINE.match(text):
            opened = _FD.match(f"{found[4]}{found[5]}")
            yield found[2], found[3], int(found[4], 0), _plain(opened[2]) if opened else ""


def _plain(escaped: str) -> str:
    return os.fsdecode(bytes.fromhex(escaped.replace("\\x", "")))


def _texts(words: str) -> list[bytes]:
    found = _TEXT.findall(words)
    if any(more for _, more in found):
        raise RecordingError("strace cut a string short")
    return [bytes.fromhex(text.replace("\\x", "")) for text, _ in found]


def _descriptor(words: str) -> tuple[str, str]:
    found = _FD.match(words)
    return (found[1], _plain(found[2])) if found else ("", "")


def _paths(words: str) -> list[str]:
    """The paths of a call, absolute: a relative one stands below the descriptor before it, or the current folder."""
    found: list[str] = []
    base = str(ROOT)
    for word in words.split(", "):
        if (descriptor := _FD.match(word)) is not None:
            base = _plain(descriptor[2])
        elif word.startswith('"'):
            text = os.fsdecode(_texts(word)[0])
            path = text if text.startswith("/") else f"{base}/{text}"
            found.append(str(Path(path).parent.resolve() / Path(path).name))
            base = str(ROOT)
    return found
