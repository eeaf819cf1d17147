from typing import Any

from kivy.input.motionevent import MotionEvent
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, OptionProperty

# A mix-in: stands before a Widget in the bases.
class ButtonBehavior:
    state: OptionProperty
    last_touch: ObjectProperty[MotionEvent | None]
    min_state_time: NumericProperty
    always_release: BooleanProperty
    def __init__(self, **kwargs: Any) -> None: ...
    def on_press(self) -> None: ...
    def on_release(self) -> None: ...
    def trigger_action(self, duration: float = 0.1) -> None: ...
