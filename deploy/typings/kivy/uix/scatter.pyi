from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.widget import Widget

class Scatter(Widget):
    do_translation_x: BooleanProperty
    do_translation_y: BooleanProperty
    do_rotation: BooleanProperty
    do_scale: BooleanProperty
    rotation: NumericProperty
    scale: NumericProperty
