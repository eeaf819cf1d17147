"""The demo's stories: each plays itself on a bench of its own and leaves a folder with a page."""
