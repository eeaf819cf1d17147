from typing import Any

global_idmap: dict[str, Any]

class ParserRule:
    name: str | None
    children: list[ParserRule]
    properties: dict[str, Any]

class Parser:
    rules: list[tuple[str, ParserRule]]
    def __init__(self, *, content: str, filename: str | None = ...) -> None: ...
