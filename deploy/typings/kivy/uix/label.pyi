from kivy.core.text import LabelBase
from kivy.graphics.texture import Texture
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    DictProperty,
    NumericProperty,
    OptionProperty,
    Property,
    StringProperty,
    VariableListProperty,
)
from kivy.uix.widget import Widget

class Label(Widget):
    text: StringProperty
    text_size: Property[list[float | None], tuple[float | None, float | None] | list[float | None]]
    font_name: StringProperty
    font_size: NumericProperty
    font_hinting: Property[str | None, str | None]
    font_kerning: BooleanProperty
    font_features: StringProperty
    font_family: Property[str | None, str | None]
    bold: BooleanProperty
    italic: BooleanProperty
    underline: BooleanProperty
    line_height: NumericProperty
    color: ColorProperty
    disabled_color: ColorProperty
    outline_width: Property[float | None, float | None]
    outline_color: ColorProperty
    halign: OptionProperty
    valign: OptionProperty
    base_direction: Property[str | None, str | None]
    text_language: Property[str | None, str | None]
    padding: VariableListProperty
    shorten: BooleanProperty
    shorten_from: OptionProperty
    split_str: StringProperty
    is_shortened: BooleanProperty
    max_lines: NumericProperty
    strip: BooleanProperty
    markup: BooleanProperty
    mipmap: BooleanProperty
    refs: DictProperty
    texture: Property[Texture | None, Texture | None]
    texture_size: Property[list[int], tuple[int, int] | list[int]]
    _label: LabelBase
    def texture_update(self, *largs: object) -> None: ...
