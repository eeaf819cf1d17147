"""The visit as a pure reducer: ``advance(visit, event) -> (visit, effects)``."""
