class Error(Exception):
    msg: str
    resultcode: int | None
