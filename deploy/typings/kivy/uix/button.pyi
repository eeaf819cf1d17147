from kivy.properties import ColorProperty, StringProperty, VariableListProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label

class Button(ButtonBehavior, Label):
    background_color: ColorProperty
    background_normal: StringProperty
    background_down: StringProperty
    background_disabled_normal: StringProperty
    background_disabled_down: StringProperty
    border: VariableListProperty
