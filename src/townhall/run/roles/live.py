"""The role ``live`` apart from ``web``: the same application, for a port of its own behind a proxy that splits paths."""

from townhall.run.roles.web import main

__all__ = ["main"]
