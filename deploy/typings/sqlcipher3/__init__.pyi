from .dbapi2 import *
from .dbapi2 import sqlite_version as sqlite_version
from .dbapi2 import sqlite_version_info as sqlite_version_info
