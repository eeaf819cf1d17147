from typing import Any, ClassVar

from kivy.input.motionevent import MotionEvent
from kivy.properties import BooleanProperty, ObjectProperty, OptionProperty

# A mix-in: stands before a Widget in the bases.
class FocusBehavior:
    ignored_touch: ClassVar[list[MotionEvent]]
    focus: BooleanProperty
    focused: BooleanProperty
    is_focusable: BooleanProperty
    focus_next: ObjectProperty[Any]
    focus_previous: ObjectProperty[Any]
    keyboard_mode: OptionProperty
    unfocus_on_touch: BooleanProperty
    write_tab: BooleanProperty
    def __init__(self, **kwargs: Any) -> None: ...
    def get_focus_next(self) -> Any: ...
    def get_focus_previous(self) -> Any: ...
    def show_keyboard(self) -> None: ...
    def hide_keyboard(self) -> None: ...
    def keyboard_on_key_down(
        self, window: Any, keycode: tuple[int, str], text: str | None, modifiers: list[str]
    ) -> bool | None: ...
    def keyboard_on_key_up(self, window: Any, keycode: tuple[int, str]) -> bool | None: ...
