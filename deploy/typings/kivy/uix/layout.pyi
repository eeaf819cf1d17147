from typing import Any

from kivy.uix.widget import Widget

class Layout(Widget):
    def do_layout(self, *largs: Any) -> None: ...
    def _trigger_layout(self, *largs: Any) -> None: ...
    def layout_hint_with_bounds(
        self,
        sh_sum: float,
        available_space: float,
        min_bounded_size: float,
        sh_min_vals: Any,
        sh_max_vals: Any,
        hint: Any,
    ) -> None: ...
