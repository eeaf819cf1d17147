from collections.abc import Sequence
from typing import Any, overload

from kivy.graphics.instructions import Callback as Callback
from kivy.graphics.instructions import Canvas as Canvas
from kivy.graphics.instructions import CanvasBase as CanvasBase
from kivy.graphics.instructions import ContextInstruction as ContextInstruction
from kivy.graphics.instructions import Instruction as Instruction
from kivy.graphics.instructions import InstructionGroup as InstructionGroup
from kivy.graphics.instructions import RenderContext as RenderContext
from kivy.graphics.instructions import VertexInstruction as VertexInstruction
from kivy.graphics.texture import Texture

class Color(ContextInstruction):
    rgba: Sequence[float]
    rgb: Sequence[float]
    r: float
    g: float
    b: float
    a: float
    @overload
    def __init__(self, r: float, g: float, b: float, a: float = ..., **kwargs: Any) -> None: ...
    @overload
    def __init__(self, *args: float, rgba: Sequence[float] = ..., rgb: Sequence[float] = ..., **kwargs: Any) -> None: ...

class BindTexture(ContextInstruction): ...
class PushMatrix(ContextInstruction): ...
class PopMatrix(ContextInstruction): ...

class Rotate(ContextInstruction):
    angle: float
    axis: tuple[float, float, float]
    origin: Sequence[float]
    def __init__(self, *args: float, **kwargs: Any) -> None: ...

class Scale(ContextInstruction):
    x: float
    y: float
    z: float
    xyz: Sequence[float]
    origin: Sequence[float]
    def __init__(self, *args: float, **kwargs: Any) -> None: ...

class Translate(ContextInstruction):
    x: float
    y: float
    z: float
    xy: Sequence[float]
    xyz: Sequence[float]
    def __init__(self, *args: float, **kwargs: Any) -> None: ...

class MatrixInstruction(ContextInstruction):
    matrix: Any

class Rectangle(VertexInstruction):
    pos: Sequence[float]
    size: Sequence[float]

class RoundedRectangle(Rectangle):
    radius: Sequence[Any]
    segments: Any

class SmoothRectangle(Rectangle): ...
class SmoothRoundedRectangle(RoundedRectangle): ...

class BorderImage(Rectangle):
    border: Sequence[float]
    display_border: Sequence[float]

class BoxShadow(Instruction):
    pos: Sequence[float]
    size: Sequence[float]
    offset: Sequence[float]
    blur_radius: float
    spread_radius: Sequence[float]
    border_radius: Sequence[float]

class Ellipse(Rectangle):
    segments: int
    angle_start: float
    angle_end: float

class SmoothEllipse(Ellipse): ...

class Triangle(VertexInstruction):
    points: Sequence[float]

class Quad(VertexInstruction):
    points: Sequence[float]

class SmoothTriangle(Triangle): ...
class SmoothQuad(Quad): ...

class Line(VertexInstruction):
    points: Sequence[Any]
    width: float
    close: bool
    cap: str
    joint: str
    dash_length: int
    dash_offset: int
    ellipse: Sequence[float]
    circle: Sequence[float]
    rectangle: Sequence[float]
    rounded_rectangle: Sequence[float]
    bezier: Sequence[float]

class SmoothLine(Line):
    overdraw_width: float

class Mesh(VertexInstruction):
    vertices: Any
    indices: Any
    mode: str

class Point(VertexInstruction):
    points: list[float]
    pointsize: float

class StencilPush(Instruction): ...
class StencilPop(Instruction): ...

class StencilUse(Instruction):
    func_op: str

class StencilUnUse(Instruction): ...
class ScissorPush(Instruction): ...
class ScissorPop(Instruction): ...

class ClearColor(Instruction):
    def __init__(self, r: float, g: float, b: float, a: float, **kwargs: Any) -> None: ...

class ClearBuffers(Instruction): ...

class Fbo(RenderContext):
    size: tuple[int, int]
    @property
    def texture(self) -> Texture: ...
    @property
    def pixels(self) -> bytes: ...
    def bind(self) -> None: ...
    def release(self) -> None: ...
    def clear_buffer(self) -> None: ...
