"""One module a subcommand; ``command`` finds them by name. Each has a Typer ``app`` and loads its rooms late."""
