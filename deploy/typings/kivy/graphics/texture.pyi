from collections.abc import Callable
from typing import Any

class Texture:
    @property
    def id(self) -> int: ...
    @property
    def size(self) -> tuple[int, int]: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def colorfmt(self) -> str: ...
    @property
    def pixels(self) -> bytes: ...
    mag_filter: str
    min_filter: str
    wrap: str
    uvpos: tuple[float, float]
    uvsize: tuple[float, float]
    tex_coords: tuple[float, ...]
    @staticmethod
    def create(
        size: tuple[int, int] | None = None,
        colorfmt: str | None = None,
        bufferfmt: str | None = None,
        mipmap: bool = False,
        callback: Callable[[Texture], object] | None = None,
        icolorfmt: str | None = None,
    ) -> Texture: ...
    def blit_buffer(
        self,
        pbuffer: Any,
        size: tuple[int, int] | None = None,
        colorfmt: str | None = None,
        pos: tuple[int, int] | None = None,
        bufferfmt: str | None = None,
        mipmap_level: int = 0,
        mipmap_generation: bool = True,
        rowlength: int = 0,
    ) -> None: ...
    def flip_vertical(self) -> None: ...
    def flip_horizontal(self) -> None: ...
    def get_region(self, x: float, y: float, width: float, height: float) -> Texture: ...
    def add_reload_observer(self, callback: Callable[[Texture], object]) -> None: ...
    def remove_reload_observer(self, callback: Callable[[Texture], object]) -> None: ...
    def save(self, filename: str, flipped: bool = True, fmt: str | None = None) -> bool: ...
