__version__: str
kivy_data_dir: str
kivy_home_dir: str

def require(version: str) -> None: ...
