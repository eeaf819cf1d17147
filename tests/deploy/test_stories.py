"""The demo's stories as pages: every moment has its words and its place, and the cover leads to each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploy.demo.album import Album, Caption, cover
from deploy.demo.main import STORIES
from wire.number import Number

NUMBER = str(Number("KMT", 7))


@pytest.mark.parametrize("name", STORIES)
def test_page_shows_every_moment_in_order(name: str, tmp_path: Path) -> None:
    tale = STORIES[name].TALE
    moments = [moment for chapter in tale.chapters for moment in chapter.moments]
    assert len(set(moments)) == len(moments) and tale.cover in moments
    album = Album(tmp_path, tale)
    for moment in reversed(moments):
        album.place(moment).write_bytes(b"")
    page = album.write(NUMBER, [Caption("Satu.", "One & two.")]).read_text(encoding="utf-8")
    assert re.findall(r'<img src="(\d\d-[^"]+)"', page) == sorted(path.name for path in tmp_path.glob("??-*.png"))
    assert page.count(NUMBER) >= 2 and "One &amp; two." in page
    for target in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert (tmp_path / target).exists() or target in ("receipt.png", "application.pdf")


def test_cover_leads_to_every_story(tmp_path: Path) -> None:
    tales = [story.TALE for story in STORIES.values()]
    for tale in tales:
        (tmp_path / tale.name).mkdir()
        album = Album(tmp_path / tale.name, tale)
        for moment in tale.captions():
            album.place(moment).write_bytes(b"")
        album.write(NUMBER, [])
    page = cover(tmp_path, tales).read_text(encoding="utf-8")
    targets = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(targets) == 2 * len(tales) and all((tmp_path / target).is_file() for target in targets)
