"""Drawn sheets of fictitious people on a dark mat, seen by a simulated camera. Deterministic for a seed.

Simple on purpose and independent of ``drivers.virtual``: the capture pipeline is tested on two generators.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict, Unpack

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageDraw, ImageFont

Pixels = NDArray[np.uint8]
DPI = 300

LETTER = """SURAT KETERANGAN TANDA LAPOR KEHILANGAN
Nomor SKTLK 118 VII 2026 SPKT

Yang bertanda tangan di bawah ini menerangkan bahwa pada hari
Selasa tanggal empat belas Juli telah datang ke kantor kami
seorang warga yang mengaku bernama

Nama lengkap : Siti Contoh
Pekerjaan : Mengurus rumah tangga
Alamat : Dusun Contoh Kulon, Desa Contoh, Kecamatan Pataruman

Melaporkan bahwa pelapor telah kehilangan sebuah kartu tanda
penduduk elektronik atas nama sendiri. Surat tersebut hilang
di sekitar pasar kota ketika pelapor pulang berbelanja dengan
sepeda motor menuju rumah. Sampai laporan ini dibuat barang
tersebut belum ditemukan kembali.

Demikian surat keterangan ini dibuat dengan sebenarnya untuk
dipergunakan mengurus penggantian pada dinas kependudukan dan
pencatatan sipil. Apabila di kemudian hari barang itu ditemukan
maka surat keterangan ini dinyatakan tidak berlaku lagi.

Banjar, empat belas Juli dua ribu dua puluh enam
Kepala sentra pelayanan kepolisian terpadu"""


@dataclass(frozen=True)
class Sheet:
    """A drawn sheet: RGB at ``DPI``, its size in mm, the words and the 16-digit numbers on it."""

    image: Pil.Image
    mm: tuple[float, float]
    words: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


def _font(points: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(points * DPI / 72)


def _blank(mm: tuple[float, float], colour: str = "#f6f5f0") -> Pil.Image:
    return Pil.new("RGB", (round(mm[0] / 25.4 * DPI), round(mm[1] / 25.4 * DPI)), colour)


def blank() -> Sheet:
    """An empty A4 sheet."""
    return Sheet(_blank((210, 297)), (210, 297))


def letter() -> Sheet:
    """A4: a police letter of about 120 words with a blue stamp."""
    image = _blank((210, 297))
    draw = ImageDraw.Draw(image)
    draw.multiline_text((270, 330), LETTER, "#1c1c20", _font(12), spacing=26)
    stamp = (1500, 2700, 2100, 3200)
    draw.ellipse(stamp, outline="#2440b0", width=12)
    draw.text((1580, 2890), "CONTOH", "#2440b0", _font(20))
    words = tuple("".join(c if c.isalpha() else " " for c in LETTER).split())
    return Sheet(image, (210, 297), words)


def family_card() -> Sheet:
    """Landscape A4: a table with small print, one family number and three NIKs."""
    image = _blank((297, 210), "#eef4ee")
    draw = ImageDraw.Draw(image)
    number, niks = "3279020107150003", ("3279024107900001", "3279021203880002", "3279025511140004")
    draw.text((1300, 90), "KARTU KELUARGA", "#202020", _font(18))
    draw.text((1350, 190), f"No. {number}", "#202020", _font(14))
    names = ("SITI CONTOH", "BUDI CONTOH", "DEWI CONTOH")
    columns = (120, 220, 900, 1480, 1900, 2500, 3300)
    heads = ("No", "Nama Lengkap", "NIK", "Kelamin", "Tempat Lahir", "Pekerjaan")
    for row in range(9):
        y = 620 + row * 110
        draw.line((columns[0], y, columns[-1], y), "#303030", 4)
        if row == 8:
            break
        cells = heads if row == 0 else ()
        if 1 <= row <= 3:
            cells = (str(row), names[row - 1], niks[row - 1], "PEREMPUAN", "BANJAR", "PETANI")
        for x, text in zip(columns, cells, strict=False):
            draw.text((x + 14, y + 32), text, "#181818", _font(9.5))
    for x in columns:
        draw.line((x, 620, x, 620 + 8 * 110), "#303030", 4)
    return Sheet(image, (297, 210), (), (number, *niks))


def id_card() -> Sheet:
    """ID-1: bluish, a portrait, a NIK and a few rows; nothing of a real card's design."""
    mm = (85.6, 53.98)
    image = _blank(mm, "#bcd8ea")
    draw = ImageDraw.Draw(image)
    nik = "3279024107900001"
    draw.text((270, 24), "CONTOH KARTU", "#101030", _font(9))
    draw.text((50, 100), f"NIK : {nik}", "#101018", _font(10.5))
    for row, text in enumerate(("Nama : SITI CONTOH", "Alamat : DUSUN CONTOH KULON", "Agama : ISLAM")):
        draw.text((50, 190 + 70 * row), text, "#101018", _font(7))
    draw.rectangle((760, 180, 960, 440), "#a83232")
    draw.ellipse((810, 210, 910, 330), "#5a3c28")
    return Sheet(image, mm, (), (nik,))


@dataclass(frozen=True)
class Shot:
    """A simulated photo: BGR pixels, the sheet's true corners (clockwise from the sheet's own top left)."""

    pixels: Pixels
    corners: NDArray[np.float64]

    def jpeg(self, quality: int = 88) -> bytes:
        """The photo as a camera sends it."""
        return cv2.imencode(".jpg", self.pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def mat(size: tuple[int, int], seed: int = 0) -> Pixels:
    """The empty dark mat."""
    rng = np.random.default_rng(seed)
    coarse = cv2.resize(rng.normal(0, 3, (size[1] // 16, size[0] // 16)).astype(np.float32), size)
    grain = rng.normal(0, 3, (size[1], size[0])).astype(np.float32)
    grey = 38 + coarse + grain
    return np.clip(np.stack((grey + 2, grey, grey - 1), axis=2), 0, 255).astype(np.uint8)


class How(TypedDict, total=False):
    """How a sheet is photographed; see ``shoot``."""

    size: tuple[int, int]
    seed: int
    turn: float
    tilt: float
    shift: tuple[float, float]
    light: float
    shadow: float
    blur: float
    motion: int
    glare: tuple[float, float]
    view_mm: float


def shoot(sheet: Sheet, **how: Unpack[How]) -> Shot:
    """Photograph a sheet. ``size``: of the frame, whose width sees ``view_mm``. ``turn``, ``tilt``: degrees. ``shift``:
    mm. ``light``: 1 is a well lit sheet. ``shadow``: darkest part. ``blur``: sigma, px. ``motion``: px along x.
    ``glare``: centre of a specular patch as a share of the sheet."""
    size, seed, view_mm = how.get("size", (3264, 2448)), how.get("seed", 1), how.get("view_mm", 345.0)
    turn, tilt, shift = how.get("turn", 2.0), how.get("tilt", 4.0), how.get("shift", (0.0, 0.0))
    light, shadow = how.get("light", 1.0), how.get("shadow", 0.35)
    blur, motion, glare = how.get("blur", 0.8), how.get("motion", 0), how.get("glare")
    rng = np.random.default_rng(seed)
    width, height = size
    focal = 1.3 * width
    distance = focal / width * view_mm
    t, a = np.radians(tilt), np.radians(turn)
    half = np.array(sheet.mm) / 2
    square = np.array(((-1, -1), (1, -1), (1, 1), (-1, 1))) * half
    spin = np.array(((np.cos(a), -np.sin(a)), (np.sin(a), np.cos(a))))
    flat = square @ spin.T + np.array(shift)
    y, z = flat[:, 1] * np.cos(t), distance + flat[:, 1] * np.sin(t)
    corners = np.stack((focal * flat[:, 0] / z + width / 2, focal * y / z + height / 2), axis=1) - 0.5

    drawn = np.asarray(sheet.image)[:, :, ::-1].astype(np.uint8)
    source = np.array(((0, 0), (1, 0), (1, 1), (0, 1))) * np.array((drawn.shape[1], drawn.shape[0])) - 0.5
    matrix = cv2.getPerspectiveTransform(source.astype(np.float32), corners.astype(np.float32))
    shrink = float(np.linalg.norm(corners[1] - corners[0])) / drawn.shape[1]
    if shrink < 1:
        drawn = cv2.GaussianBlur(drawn, (0, 0), 0.45 / shrink)
    scene = mat(size, seed).astype(np.float32)
    cover = cv2.warpPerspective(np.full(drawn.shape[:2], 255, np.uint8), matrix, size, flags=cv2.INTER_LINEAR)
    page = cv2.warpPerspective(drawn, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    share = (cover.astype(np.float32) / 255)[..., None]
    scene = scene * (1 - share) + page.astype(np.float32) * 0.86 * share
    if glare is not None:
        spot = corners[0] + glare[0] * (corners[1] - corners[0]) + glare[1] * (corners[3] - corners[0])
        yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
        patch = np.exp(-((((xx - spot[0]) ** 2 + (yy - spot[1]) ** 2) / (0.05 * width) ** 2) ** 2))
        scene += 400 * patch[..., None]
    xx, yy = np.meshgrid(np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32))
    edge = 1 / (1 + np.exp((xx + 0.5 * yy - 0.9) * -10))
    falloff = 1 - 0.25 * ((xx - 0.5) ** 2 + (yy - 0.5) ** 2)
    scene *= (light * falloff * (1 - shadow * edge))[..., None]
    if motion:
        scene = cv2.blur(scene, (motion, 1))
    if blur:
        scene = cv2.GaussianBlur(scene, (0, 0), blur)
    noise = rng.standard_normal((height, width, 3), np.float32)
    scene += noise * (1.5 + 0.02 * scene)
    return Shot(np.clip(scene, 0, 255).astype(np.uint8), corners)
