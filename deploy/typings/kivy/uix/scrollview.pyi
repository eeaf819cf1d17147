from kivy.properties import BooleanProperty, ColorProperty, NumericProperty
from kivy.uix.stencilview import StencilView

class ScrollView(StencilView):
    scroll_x: NumericProperty
    scroll_y: NumericProperty
    do_scroll_x: BooleanProperty
    do_scroll_y: BooleanProperty
    bar_width: NumericProperty
    bar_color: ColorProperty
