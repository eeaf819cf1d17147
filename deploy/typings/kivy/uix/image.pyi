from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, OptionProperty, Property
from kivy.uix.widget import Widget

class Image(Widget):
    source: Property[str | None, str | None]
    texture: Property[Texture | None, Texture | None]
    texture_size: Property[list[int], tuple[int, int] | list[int]]
    color: ColorProperty
    image_ratio: NumericProperty
    mipmap: BooleanProperty
    fit_mode: OptionProperty
    nocache: BooleanProperty
    keep_data: BooleanProperty
    norm_image_size: Property[tuple[float, float], tuple[float, float]]
    def reload(self) -> None: ...

class AsyncImage(Image): ...
