"""The demo: a page in a browser from which the real bot is used by hand, against both emulators.

It holds no logic of the bot. What it can do, it does by the control interface of `emulators.page.control`, which the
tests use too; `docs/demo.md` describes it.
"""
