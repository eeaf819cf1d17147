from typing import Any

from kivy.graphics.texture import Texture

DEFAULT_FONT: str

class LayoutLine:
    w: int
    h: int

class LabelBase:
    _cached_lines: list[LayoutLine]  # what the last refresh laid out
    texture: Texture | None
    text: str
    options: dict[str, Any]
    text_size: tuple[float | None, float | None]
    def __init__(self, text: str = "", font_size: float = 12, font_name: str = ..., **kwargs: Any) -> None: ...
    @property
    def size(self) -> tuple[int, int]: ...
    @property
    def content_size(self) -> tuple[int, int]: ...
    def refresh(self) -> None: ...
    def render(self, real: bool = False) -> tuple[int, int]: ...
    def get_extents(self, text: str) -> tuple[int, int]: ...
    @staticmethod
    def register(
        name: str,
        fn_regular: str,
        fn_italic: str | None = None,
        fn_bold: str | None = None,
        fn_bolditalic: str | None = None,
    ) -> None: ...

Label = LabelBase
