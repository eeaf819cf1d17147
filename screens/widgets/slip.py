"""The list of papers to take along on one's own phone."""

from __future__ import annotations

from kivy.properties import StringProperty

from screens.widgets.parts import Card, Picture


class SharpQr(Picture):
    """A QR code of which each module is as many pixels wide as every other: a long text is read from afar."""

    text = StringProperty("")

    def box(self, *_: object) -> tuple[float, float, float, float]:
        """Where the texture lies: a whole number of pixels a module."""
        texture = self.shown()
        if texture is None or min(self.width, self.height) < texture.width:
            return super().box()
        side = int(min(self.width, self.height) // texture.width) * texture.width
        return (round(self.center_x - side / 2), round(self.center_y - side / 2), side, side)


class PhoneCard(Card):
    """``text``: what its QR holds. ``basis``: what stands beside it in small, upright."""

    text = StringProperty("")
    basis = StringProperty("")
