from typing import Any

class MotionEvent:
    x: float
    y: float
    sx: float
    sy: float
    dx: float
    dy: float
    ox: float
    oy: float
    px: float
    py: float
    pos: tuple[float, float]
    spos: tuple[float, float]
    opos: tuple[float, float]
    device: str
    button: str
    uid: int
    id: int
    ud: dict[Any, Any]
    is_touch: bool
    is_double_tap: bool
    is_triple_tap: bool
    is_mouse_scrolling: bool
    time_start: float
    time_end: float
    grab_current: Any
    grab_list: list[Any]
    push_attrs_stack: list[Any]
    profile: list[str]
    def __init__(self, device: str, id: Any, args: Any, is_touch: bool = ..., type_id: str | None = ...) -> None: ...
    def grab(self, class_instance: Any, exclusive: bool = False) -> None: ...
    def ungrab(self, class_instance: Any) -> None: ...
    def move(self, args: Any) -> None: ...
    def push(self, attrs: Any = None) -> None: ...
    def pop(self) -> None: ...
    def depack(self, args: Any) -> None: ...
    def scale_for_screen(
        self, w: float, h: float, p: Any = None, rotation: int = 0, smode: str = "None", kheight: float = 0
    ) -> None: ...
