"""Which version of the bot this is."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version


def version() -> str:
    try:
        return installed_version("onefichier-bot")
    except PackageNotFoundError:
        # Run from its tree, without having been installed.
        return "(from source)"
