# Properties are descriptors: what an instance reads is the first type argument, what may be written is the second.
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, Self, TypeVar, overload

from kivy.event import EventDispatcher

_Get = TypeVar("_Get")
_Set = TypeVar("_Set")
_T = TypeVar("_T")

class Property(Generic[_Get, _Set]):
    name: str
    defaultvalue: Any
    def __init__(self, defaultvalue: Any, **kwargs: Any) -> None: ...
    @overload
    def __get__(self, instance: None, owner: type[Any], /) -> Self: ...
    @overload
    def __get__(self, instance: EventDispatcher, owner: type[Any], /) -> _Get: ...
    def __set__(self, instance: EventDispatcher, value: _Set, /) -> None: ...
    def set(self, obj: EventDispatcher, value: _Set) -> bool: ...
    def get(self, obj: EventDispatcher) -> _Get: ...
    def bind(self, obj: EventDispatcher, observer: Callable[..., object]) -> None: ...
    def unbind(self, obj: EventDispatcher, observer: Callable[..., object], stop_on_first: int = ...) -> None: ...
    def dispatch(self, obj: EventDispatcher) -> None: ...

class NumericProperty(Property[float, float | str | tuple[float, str]]):
    def __init__(self, defaultvalue: float | str | None = 0, **kwargs: Any) -> None: ...

class BoundedNumericProperty(Property[float, float]):
    def __init__(self, defaultvalue: float, **kwargs: Any) -> None: ...

class StringProperty(Property[str, str]):
    def __init__(self, defaultvalue: str | None = "", **kwargs: Any) -> None: ...

class BooleanProperty(Property[bool, bool]):
    def __init__(self, defaultvalue: bool = True, **kwargs: Any) -> None: ...

class OptionProperty(Property[str, str]):
    def __init__(self, defaultvalue: str | None, *, options: Sequence[str], **kwargs: Any) -> None: ...

class ListProperty(Property[list[Any], Iterable[Any]]):
    def __init__(self, defaultvalue: Iterable[Any] | None = ..., **kwargs: Any) -> None: ...

class DictProperty(Property[dict[Any, Any], Mapping[Any, Any]]):
    def __init__(self, defaultvalue: Mapping[Any, Any] | None = ..., *, rebind: bool = ..., **kwargs: Any) -> None: ...

class ColorProperty(Property[list[float], Sequence[float] | str]):
    def __init__(self, defaultvalue: Sequence[float] | str | None = ..., **kwargs: Any) -> None: ...

class VariableListProperty(Property[list[float], Sequence[float | str] | float | str]):
    def __init__(self, defaultvalue: Any = ..., *, length: int = ..., **kwargs: Any) -> None: ...

# `ObjectProperty(None)` holds Any; write `x: ObjectProperty[Shape | None] = ObjectProperty(None)` for more.
class ObjectProperty(Property[_T, _T], Generic[_T]):
    @overload
    def __init__(self: ObjectProperty[Any], defaultvalue: None = None, *, rebind: bool = ..., **kwargs: Any) -> None: ...
    @overload
    def __init__(self, defaultvalue: _T, *, rebind: bool = ..., **kwargs: Any) -> None: ...

class ReferenceListProperty(Property[list[float], Sequence[float | str] | float]):
    def __init__(self, *largs: Property[Any, Any], **kwargs: Any) -> None: ...

class AliasProperty(Property[_T, Any], Generic[_T]):
    def __init__(
        self,
        getter: Callable[[Any], _T],
        setter: Callable[[Any, Any], bool | None] | None = None,
        *,
        bind: Sequence[str] = ...,
        cache: bool = ...,
        rebind: bool = ...,
        watch_before_use: bool = ...,
        **kwargs: Any,
    ) -> None: ...
