from kivy.lang.builder import Builder as Builder
from kivy.lang.builder import BuilderBase as BuilderBase
from kivy.lang.parser import global_idmap as global_idmap
