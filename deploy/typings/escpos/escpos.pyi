from typing import Any

class Escpos:
    profile: Any
    magic: Any
    def __init__(self, profile: Any = None, magic_encode_args: dict[str, Any] | None = None, **kwargs: Any) -> None: ...
    def _raw(self, msg: bytes) -> None: ...
    def open(self) -> None: ...
    def close(self) -> None: ...
    def text(self, txt: str) -> None: ...
    def textln(self, txt: str = "") -> None: ...
    def ln(self, count: int = 1) -> None: ...
    def charcode(self, code: str = "AUTO") -> None: ...
    def set(
        self,
        align: str | None = None,
        font: str | None = None,
        bold: bool | None = None,
        underline: int | None = None,
        width: int | None = None,
        height: int | None = None,
        density: int | None = None,
        invert: bool | None = None,
        smooth: bool | None = None,
        flip: bool | None = None,
        normal_textsize: bool | None = None,
        double_width: bool | None = None,
        double_height: bool | None = None,
        custom_size: bool | None = None,
    ) -> None: ...
    def set_with_default(
        self,
        align: str | None = "left",
        font: str | None = "a",
        bold: bool | None = False,
        underline: int | None = 0,
        width: int | None = 1,
        height: int | None = 1,
        density: int | None = 9,
        invert: bool | None = False,
        smooth: bool | None = False,
        flip: bool | None = False,
        double_width: bool | None = False,
        double_height: bool | None = False,
        custom_size: bool | None = False,
    ) -> None: ...
    def qr(
        self,
        content: str | bytes,
        ec: int = 0,
        size: int = 3,
        model: int = 2,
        native: bool = False,
        center: bool = False,
        impl: str | None = None,
        image_arguments: dict[str, Any] | None = None,
    ) -> None: ...
    def image(
        self,
        img_source: Any,
        high_density_vertical: bool = True,
        high_density_horizontal: bool = True,
        impl: str = "bitImageRaster",
        fragment_height: int = 960,
        center: bool = False,
    ) -> None: ...
    def line_spacing(self, spacing: int | None = None, divisor: int = 180) -> None: ...
    def print_and_feed(self, n: int = 1) -> None: ...
    def control(self, ctl: str, count: int = 5, tab_size: int = 8) -> None: ...
    def hw(self, hw: str) -> None: ...
    def cut(self, mode: str = "FULL", feed: bool = True) -> None: ...
    def buzzer(self, times: int = 2, duration: int = 4) -> None: ...
