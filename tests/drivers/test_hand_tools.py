"""``python -m drivers`` as a technician runs it: a process, virtual devices, a roles file."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import sys
from pathlib import Path

from PIL import Image

from drivers.camera.multipart import is_jpeg
from drivers.virtual.twin import Twin

ROOT = Path(__file__).resolve().parents[2]


def hear_ctrl_c() -> None:
    """A suite that runs in the background of a shell ignores SIGINT, and so would its children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def tool(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "drivers", *words], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def roles(folder: Path, text: str) -> str:
    file = folder / "roles.toml"
    file.write_text(text)
    return str(file)


def test_printer_status_and_test(paper: Twin, tmp_path: Path) -> None:
    file = roles(tmp_path, f'[printer]\nlink = "tcp://127.0.0.1:{paper.port}"\n')
    done = tool("--roles", file, "--json", "printer", "status")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["phase"] == "ready"

    done = tool("--roles", file, "--json", "printer", "test")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcome"] == "done"
    (slip,) = (base64.b64decode(job["raw"]) for job in paper("jobs")["jobs"] if job["cut"])
    assert b"UJI CETAK" in slip

    done = tool("printer", "feed", "--roles", file)
    assert done.returncode == 0, done.stderr
    assert "outcome: done" in done.stdout
    assert len([job for job in paper("jobs")["jobs"] if job["cut"]]) == 2

    paper("set", paper_out=True)
    done = tool("--roles", file, "printer", "status")
    assert done.returncode == 1
    assert "printer_paper_out" in done.stdout


def test_camera_shot(sockets: Path, tmp_path: Path) -> None:
    out = tmp_path / "shot.jpg"
    with Twin("mjpeg", sockets, "--size", "1280x960") as camera:
        file = roles(tmp_path, f'[camera]\nlink = "http://127.0.0.1:{camera.port}/stream"\n')
        done = tool("--roles", file, "camera", "shot", "-o", str(out))
        assert done.returncode == 0, done.stderr
        assert is_jpeg(out.read_bytes())
        out.unlink()
        camera("off")
        done = tool("--roles", file, "--json", "camera", "shot", "-o", str(out))
        assert done.returncode == 1
        assert json.loads(done.stdout)["faults"] == ["camera_unreachable"]
        assert not out.exists()


def test_scanner_scan(tmp_path: Path) -> None:
    (tmp_path / "dll.conf").write_text("test\n")
    out = tmp_path / "page.pnm"
    file = roles(tmp_path, f'[scanner]\nlink = "sane:test:0"\nconfig = "{tmp_path}"\ndpi = 200\n')
    done = tool("--roles", file, "--json", "scanner", "scan", "-o", str(out))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["outcome"], told["dpi"], told["bytes"]) == ("done", 200, out.stat().st_size)
    with Image.open(out) as page:
        assert page.format == "PPM"
    file = roles(tmp_path, f'[scanner]\nlink = "sane:nothing:0"\nconfig = "{tmp_path}"\n')
    out.unlink()
    done = tool("--roles", file, "scanner", "scan", "-o", str(out))
    assert done.returncode == 1
    assert "scanner_unreachable" in done.stdout
    assert not out.exists()


def test_code_watch(sockets: Path, tmp_path: Path) -> None:
    with Twin("code", sockets) as code:
        file = roles(tmp_path, f'[code]\nlink = "serial:{code.facts["link"]}"\n')
        watch = subprocess.Popen(
            [sys.executable, "-m", "drivers", "--roles", file, "--json", "code", "watch"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=hear_ctrl_c,
        )
        assert watch.stdout is not None
        assert json.loads(watch.stdout.readline())["phase"] == "ready"
        code("show", text="KMT-10417-6")
        assert json.loads(watch.stdout.readline()) == {"code": "KMT-10417-6"}
        code("unplug")
        assert json.loads(watch.stdout.readline())["faults"] == ["code_unreachable"]
        watch.send_signal(signal.SIGINT)
        watch.communicate(timeout=30)
        assert watch.returncode == 1
        done = tool("--roles", file, "code", "watch", "--seconds", "0.1")
        assert done.returncode == 1
        assert "code_unreachable" in done.stdout


def test_card_watch_tells_the_kind_and_never_the_number(sockets: Path, tmp_path: Path) -> None:
    with Twin("card", sockets) as card:
        file = roles(tmp_path, f'[card]\nsocket = "{card.facts["socket"]}"\n')
        card("insert", kind="ktp", uid="04a1b2c3d4e5f6")
        watch = subprocess.Popen(
            [sys.executable, "-m", "drivers", "--roles", file, "--json", "card", "watch"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=hear_ctrl_c,
        )
        assert watch.stdout is not None
        told = [json.loads(watch.stdout.readline()) for _ in range(2)]
        assert {"card": "ktp", "random": False} in told, "also a card that lay there before"
        card("remove")
        assert json.loads(watch.stdout.readline()) == {"card": None, "random": False}
        card("insert", kind="random")
        assert json.loads(watch.stdout.readline())["random"] is True
        watch.send_signal(signal.SIGINT)
        rest, _ = watch.communicate(timeout=30)
        assert watch.returncode == 0
    assert "a1b2c3" not in (json.dumps(told) + rest).lower()


def test_list_tells_what_each_device_says_and_what_is_plugged_in(paper: Twin, tmp_path: Path) -> None:
    file = roles(
        tmp_path,
        f'[printer]\nlink = "tcp://127.0.0.1:{paper.port}"\n[code]\nlink = "serial:/dev/serial/by-id/usb-none"\n',
    )
    done = tool("--roles", file, "--json", "list")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {device["role"]: device["phase"] for device in told["devices"]} == {"printer": "ready", "code": "offline"}
    assert {"serial", "cameras", "usb"} <= told["plugged"].keys()
    done = tool("--roles", str(tmp_path / "none.toml"), "list")
    assert done.returncode == 0, done.stderr
    assert "plugged in, usb:" in done.stdout


def test_wrong_words_are_told(tmp_path: Path) -> None:
    done = tool("--roles", str(tmp_path / "none.toml"), "printer", "status")
    assert done.returncode == 2
    assert "none.toml" in done.stderr
    file = roles(tmp_path, '[printer]\nlink = "tcp://127.0.0.1:1"\n')
    done = tool("--roles", file, "camera", "shot", "-o", str(tmp_path / "x.jpg"))
    assert done.returncode == 2
    assert "camera" in done.stderr
