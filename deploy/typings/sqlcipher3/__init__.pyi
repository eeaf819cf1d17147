# What we use of sqlcipher3 0.6 (it has no types of its own): the interface of the standard library's sqlite3.
