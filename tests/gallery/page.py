"""The gallery's index: a row a screen, a picture a variant, what was found on top."""

from __future__ import annotations

from html import escape
from pathlib import Path

from tests.gallery.variants import Variant

_STYLE = """
:root { color-scheme: light; font: 16px/1.4 system-ui, sans-serif; }
body { margin: 24px; background: #f4f2ec; color: #13231f; }
h2 { margin: 40px 0 8px; font-size: 20px; }
.row { display: flex; gap: 12px; overflow-x: auto; padding-bottom: 12px; align-items: end; }
figure { margin: 0; flex: none; }
figure img { height: 420px; display: block; border: 1px solid #7c8e85; background: #fff; }
figure.wrong img { border: 4px solid #b3261e; }
figcaption { font-size: 13px; color: #51625c; }
.found { background: #fadfdb; color: #7a1712; padding: 12px 20px; border-radius: 12px; }
nav { columns: 5 180px; }
"""


def write(out: Path, screens: list[str], variants: list[Variant], found: dict[tuple[str, str], list[str]]) -> None:
    """Write ``index.html`` beside the pictures. ``found``: (screen, variant) to faults."""
    lines = [
        f"<li><a href='#{screen}'>{escape(screen)}</a> {escape(variant)}: {escape(fault)}</li>"
        for (screen, variant), faults in sorted(found.items())
        for fault in faults
    ]
    summary = f"<ul class=found>{''.join(lines)}</ul>" if lines else "<p>Nothing was found.</p>"
    body = [
        "<!doctype html><html lang=en><meta charset=utf-8><title>Gallery of screens</title>",
        f"<style>{_STYLE}</style><h1>Gallery of screens</h1>",
        f"<p>{len(screens)} screens in {len(variants)} variants.</p>{summary}<nav>",
        *(f"<a href='#{screen}'>{escape(screen)}</a><br>" for screen in screens),
        "</nav>",
    ]
    for screen in screens:
        body.append(f"<h2 id='{screen}'>{escape(screen)}</h2><div class=row>")
        for variant in variants:
            file = f"{screen}--{variant.name}.jpg"
            if not (out / file).exists():
                continue
            mark = " class=wrong" if found.get((screen, variant.name)) else ""
            body.append(
                f"<figure{mark}><a href='{file}'><img loading=lazy src='{file}' alt='{escape(screen)}'></a>"
                f"<figcaption>{variant.name}</figcaption></figure>"
            )
        body.append("</div>")
    (out / "index.html").write_text("\n".join(body), encoding="utf-8")
