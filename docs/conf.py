"""Sphinx's settings for these pages. `make docs` builds them into build/site; nothing is fetched from elsewhere."""

from __future__ import annotations

from typing import Any

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

project = "smsgate"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 3
highlight_language = "text"
html_theme = "furo"
html_title = "smsgate"
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["print.css"]
html_theme_options = {"top_of_page_buttons": []}
LANGUAGES = ("en", "sw", "fr")


def setup(app: Sphinx) -> None:
    """Drawings are shown as they are written, and each page says its language."""
    app.add_lexer("mermaid", TextLexer)
    app.connect("html-page-context", say_language)


def say_language(_app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """`guide.sw` is in Kiswahili: a browser reads it out as such."""
    ending = page.rpartition(".")[2]
    context["language"] = ending if ending in LANGUAGES else "en"
