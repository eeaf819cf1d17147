"""Make the window's icons and pictures again: ``python -m tests.screens.bake MATERIAL_SYMBOLS.ttf``.

Input: ``screens/assets/pictures/*.svg`` (ours), the marks and the pattern below, and Material Symbols Rounded, weight
500 (Apache-2.0). Output, committed: ``screens/assets/fonts/Icons.ttf``, ``screens/icons.py`` and the PNG files.
Pictures come out at twice their design size; the window shrinks them through mipmaps. Needs Debian's chromium.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFilter

SCREENS = Path(__file__).resolve().parents[2] / "screens"
ASSETS = SCREENS / "assets"
PICTURES = ASSETS / "pictures"

ICONS = [
    "account_balance", "arrow_back", "arrow_downward", "arrow_forward", "backspace", "badge", "build", "check",
    "check_circle", "checklist", "chevron_left", "chevron_right", "child_care", "close", "cloud_done", "cloud_off",
    "contactless", "contrast", "description", "document_scanner", "edit_square", "error", "event_upcoming",
    "fact_check", "family_restroom", "gavel", "hard_drive", "help", "history", "home_work", "hourglass_top", "id_card",
    "info", "language", "lock", "logout", "manage_search", "near_me", "note_add", "outbox", "person", "person_edit",
    "photo_camera", "place", "print", "print_error", "qr_code", "qr_code_scanner", "receipt_long", "refresh", "router",
    "scanner", "schedule", "search", "send", "shield_person", "skip_next", "space_bar", "stop_circle", "storefront",
    "support_agent", "task", "text_increase", "touch_app", "videocam_off", "visibility", "warning", "wifi", "wifi_off",
]  # fmt: skip

# Design units: width and height of each picture on the screen at its largest.
SIZES = {
    "original": (132, 112), "nik_card": (200, 150), "receipt_qr": (260, 195), "flat": (190, 128), "hand": (190, 128),
    "inside": (190, 128), "shade": (190, 128), "glare": (190, 128), "turn": (190, 128), "printer": (500, 350),
    "take": (150, 132), "closed": (500, 430), "document_camera": (520, 364), "bed": (520, 364), "bed_scan": (520, 364),
    "feeder": (520, 364), "scanner_jam": (520, 364), "scanner_cover": (520, 364), "scanner_double": (520, 364),
    "scanner_off": (520, 364), "camera_off": (520, 364), "card_reader": (150, 105),
}  # fmt: skip

LIGHT = {
    "ok": "#1B7F4C", "warn": "#B25E00", "bad": "#B3261E", "later": "#E8A317", "later_ink": "#2B1D00", "now": "#0B5A4A",
    "next": "#7C8E85", "unknown": "#51625C", "on": "#FFFFFF", "hole": "#FFFFFF",
}  # fmt: skip
CONTRAST = {
    "ok": "#7CFF9B", "warn": "#FFD27A", "bad": "#FF9A90", "later": "#FFE600", "later_ink": "#000000", "now": "#FFE600",
    "next": "#FFFFFF", "unknown": "#FFFFFF", "on": "#000000", "hole": "#000000",
}  # fmt: skip
ROUND = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
MARKS = {
    "ok": '<circle cx="24" cy="24" r="22" fill="{ok}"/>'
    f'<path d="M13.5 24.5l7.5 7.5 14-15" {ROUND} stroke="{{on}}" stroke-width="5"/>',
    "warn": '<path d="M24 3.5 46 42.5a2.2 2.2 0 0 1-2 3H4a2.2 2.2 0 0 1-2-3Z" fill="{warn}"/>'
    f'<path d="M24 17v14" {ROUND} stroke="{{on}}" stroke-width="5"/><circle cx="24" cy="38.6" r="3" fill="{{on}}"/>',
    "bad": '<rect x="3" y="3" width="42" height="42" rx="8" fill="{bad}"/>'
    f'<path d="M15 15l18 18M33 15 15 33" {ROUND} stroke="{{on}}" stroke-width="5"/>',
    "later": '<path d="M24 1.5 46.5 24 24 46.5 1.5 24Z" fill="{later}"/>'
    f'<path d="M24 14v11l7 5" {ROUND} stroke="{{later_ink}}" stroke-width="4.6"/>',
    "now": '<circle cx="24" cy="24" r="20" fill="{hole}" stroke="{now}" stroke-width="5"/>'
    '<circle cx="24" cy="24" r="10" fill="{now}"/>',
    "next": '<circle cx="24" cy="24" r="20" fill="{hole}" stroke="{next}" stroke-width="4" stroke-dasharray="7 5.5"/>',
    "unknown": '<circle cx="24" cy="24" r="20" fill="{hole}" stroke="{unknown}" stroke-width="5" '
    'stroke-dasharray="9 5.9"/><text x="24" y="33" font-family="A" font-weight="700" font-size="27" fill="{unknown}" '
    'text-anchor="middle">?</text>',
}  # fmt: skip
STYLE = "".join(
    f"@font-face{{font-family:A;font-weight:{weight};src:url({ASSETS.as_uri()}/fonts/AtkinsonHyperlegibleNext_{name}.ttf)}}"
    for weight, name in ((400, "400Regular"), (600, "600SemiBold"), (700, "700Bold"))
)


def icons(source: Path) -> None:
    """Cut the font down to ICONS and write their code points."""
    font = TTFont(source)
    points = {name: point for point, name in (font.getBestCmap() or {}).items()}
    options = subset.Options()
    options.layout_features = []
    options.glyph_names = False
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[points[name] for name in ICONS])
    cutter.subset(font)
    font.save(ASSETS / "fonts" / "Icons.ttf")
    lines = "".join(f'    "{name}": "\\u{points[name]:04x}",\n' for name in sorted(ICONS))
    (SCREENS / "icons.py").write_text(
        '"""Code points of Icons.ttf; written by tests/screens/bake.py."""\n\nICONS = {\n' + lines + "}\n"
    )


def render(body: str, width: int, height: int) -> Image.Image:
    """The SVG or HTML as a picture with a clear background; ``width`` and ``height`` in pixels."""
    page = (
        f"<!doctype html><meta charset=utf-8><style>{STYLE}*{{margin:0;padding:0}}html{{background:transparent}}"
        f"svg{{display:block}}</style>{body}"
    )
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "page.html", Path(folder) / "page.png"
        source.write_text(page, encoding="utf-8")
        subprocess.run(
            [
                "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files",
                "--default-background-color=00000000", f"--window-size={max(width, 600)},{max(height, 600)}",
                "--virtual-time-budget=1500", f"--screenshot={out}", source.as_uri(),
            ],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        with Image.open(out) as shot:
            return shot.convert("RGBA").crop((0, 0, width, height))


def sized(svg: str, width: int, height: int) -> str:
    return svg.replace("<svg ", f'<svg width="{width}" height="{height}" ', 1)


def pictures() -> None:
    """Every SVG at twice its size, and the two samples of what a good page looks like."""
    for name, (width, height) in SIZES.items():
        svg = (PICTURES / f"{name}.svg").read_text(encoding="utf-8")
        render(sized(svg, 2 * width, 2 * height), 2 * width, 2 * height).save(PICTURES / f"{name}.png", optimize=True)
    form = (PICTURES / "form.svg").read_text(encoding="utf-8")
    sharp = (
        f'<div style="position:absolute;left:-28px;top:-372px;transform:rotate(-2deg)">{sized(form, 825, 1167)}</div>'
    )
    box = '<div style="position:relative;overflow:hidden;width:490px;height:376px;background:#2a302e">{}</div>'
    render(box.format(sharp), 490, 376).convert("RGB").quantize(64).save(PICTURES / "sharp.png", optimize=True)
    whole = (
        '<div style="position:absolute;left:130px;top:24px;transform:rotate(-1.5deg);box-shadow:6px 8px 16px #000a">'
        f"{sized(form, 232, 328)}</div>"
    )
    render(box.format(whole), 490, 376).convert("RGB").quantize(64).save(PICTURES / "whole.png", optimize=True)


def marks() -> None:
    """The state marks: one sheet each palette, cut apart."""
    for palette, colours in (("light", LIGHT), ("contrast", CONTRAST)):
        row = "".join(
            f'<svg style="float:left" width="128" height="128" viewBox="0 0 48 48">{body.format(**colours)}</svg>'
            for body in MARKS.values()
        )
        sheet = render(f'<div style="width:{128 * len(MARKS)}px">{row}</div>', 128 * len(MARKS), 128)
        for at, name in enumerate(MARKS):
            cut = sheet.crop((128 * at, 0, 128 * at + 128, 128))
            cut.save(PICTURES / f"mark_{name}_{palette}.png", optimize=True)


def shadow() -> None:
    """The card shadow as a nine-patch: 64 px corners hold a radius of 28 and a blur of 26 (visual README)."""
    size, edge, radius = 160, 44, 26
    alpha = Image.new("L", (4 * size, 4 * size))
    ImageDraw.Draw(alpha).rounded_rectangle([4 * edge, 4 * edge, 4 * (size - edge), 4 * (size - edge)], 4 * radius, 48)
    alpha = alpha.resize((size, size), Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(13))
    out = Image.new("RGBA", (size, size), (0x0A, 0x2A, 0x22, 0))
    out.putalpha(alpha)
    out.save(PICTURES / "shadow.png", optimize=True)


def kawung() -> None:
    """The header's tile: four ellipses round each lattice point, white; the window sets how faint."""
    arms = "".join(
        f'<ellipse cx="34.56" cy="0" rx="24.73" ry="13.25" transform="translate({x} {y}) rotate({turn})"/>'
        for x in (0, 96) for y in (0, 96) for turn in (45, 135, 225, 315)
    )  # fmt: skip
    tile = (
        '<svg width="256" height="256" viewBox="0 0 96 96"><g fill="none" stroke="#fff" stroke-width="2.6">'
        f"{arms}</g></svg>"
    )
    render(tile, 256, 256).save(PICTURES / "kawung.png", optimize=True)


if __name__ == "__main__":
    icons(Path(sys.argv[1]))
    marks()
    pictures()
    shadow()
    kawung()
