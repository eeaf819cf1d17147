from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    NumericProperty,
    OptionProperty,
    Property,
    StringProperty,
    VariableListProperty,
)
from kivy.uix.behaviors import FocusBehavior
from kivy.uix.widget import Widget

class TextInput(FocusBehavior, Widget):
    text: StringProperty
    multiline: BooleanProperty
    password: BooleanProperty
    readonly: BooleanProperty
    hint_text: StringProperty
    font_name: StringProperty
    font_size: NumericProperty
    foreground_color: ColorProperty
    background_color: ColorProperty
    cursor_color: ColorProperty
    cursor: Property[tuple[int, int], tuple[int, int]]
    halign: OptionProperty
    padding: VariableListProperty
    def insert_text(self, substring: str, from_undo: bool = False) -> None: ...
    def do_backspace(self, from_undo: bool = False, mode: str = "bkspc") -> None: ...
