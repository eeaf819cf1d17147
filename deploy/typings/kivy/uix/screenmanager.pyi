from typing import Any

from kivy.properties import NumericProperty, ObjectProperty, Property, StringProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.relativelayout import RelativeLayout
from kivy.event import EventDispatcher

class ScreenManagerException(Exception): ...

class Screen(RelativeLayout):
    name: StringProperty
    manager: Property[ScreenManager | None, ScreenManager | None]
    transition_progress: NumericProperty
    transition_state: StringProperty
    def on_pre_enter(self, *args: Any) -> None: ...
    def on_enter(self, *args: Any) -> None: ...
    def on_pre_leave(self, *args: Any) -> None: ...
    def on_leave(self, *args: Any) -> None: ...

class TransitionBase(EventDispatcher):
    duration: NumericProperty
    is_active: Property[bool, bool]

class NoTransition(TransitionBase): ...

class ScreenManager(FloatLayout):
    current: StringProperty
    transition: ObjectProperty[TransitionBase]
    screens: Property[list[Screen], list[Screen]]
    current_screen: Property[Screen, Screen]
    screen_names: Property[list[str], list[str]]
    def get_screen(self, name: str) -> Screen: ...
    def has_screen(self, name: str) -> bool: ...
    def switch_to(self, screen: Screen, **options: Any) -> None: ...
