"""The page by which a node refuses an upload: HTTP 200, HTML, in French."""

from html.parser import HTMLParser
from typing import Final

# Of 14 uploads at once one met this; another node took it.
NODE_FAILURE: Final = "ne peut ouvrir le fichier destination"


def refusal_reason(page: str) -> str:
    """The text of the first `bloc2` of a refusal page that has any; empty when it is another page."""
    reader = _Bloc2()
    reader.feed(page)
    reader.close()
    texts = (" ".join(text.split()) for text in reader.texts)
    return next((text for text in texts if text), "")


class _Bloc2(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "div":
            return
        if self._depth:
            self._depth += 1
        elif "bloc2" in (dict(attrs).get("class") or "").split():
            self._depth = 1
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "div" and self._depth:
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.texts[-1] += f" {data}"
