from kivy.properties import BooleanProperty, NumericProperty, OptionProperty, Property, VariableListProperty
from kivy.uix.layout import Layout

class GridLayout(Layout):
    spacing: VariableListProperty
    padding: VariableListProperty
    cols: Property[int | None, int | None]
    rows: Property[int | None, int | None]
    col_default_width: NumericProperty
    row_default_height: NumericProperty
    col_force_default: BooleanProperty
    row_force_default: BooleanProperty
    minimum_width: NumericProperty
    minimum_height: NumericProperty
    orientation: OptionProperty
