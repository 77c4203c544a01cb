"""A Telegram Bot API and a 1fichier that behave as documented, on loopback, for tests and the demo."""
