"""The process: settings, intake of updates, wiring, web endpoint, command line. Nothing imports it."""

__all__: list[str] = []
