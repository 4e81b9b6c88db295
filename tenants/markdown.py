"""Markdown of models and people as HTML that can't act: the one way such text reaches a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
REL = "nofollow noopener noreferrer ugc"
# Nobody writes so much, and a parser's worst case grows with its input.
LONGEST = 200_000

_CITATION = re.compile(r"\[(\d{1,3})\](?!\(\S+\))")


def render(text: str, citations: Mapping[int, str] | None = None) -> SafeString:
    """Sanitised HTML. `[1]` becomes a link where `citations` has the address of passage 1.

    Links go to http(s) only, and to the product's own pages only as citations; images are their
    alternative text, so that no address of the text's choosing is ever fetched.
    """
    cited = dict(citations or {})
    html = _PARSER.render(text[:LONGEST], {"citations": cited})
    own = set(cited.values())
    # The sanitiser has the last word; what it returns is the definition of safe here.
    return mark_safe(_cleaner(own).clean(html))  # noqa: S308  # nosec B308 B703


def _cleaner(own: set[str]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes={"a": {"cite"}},
        url_schemes={"http", "https"},
        url_relative=lambda url: url if url in own else None,
        link_rel=REL,
    )


def _cite(state: StateInline, silent: bool) -> bool:
    found = _CITATION.match(state.src, state.pos)
    url = state.env["citations"].get(int(found[1])) if found else None
    if found is None or url is None:
        return False
    if not silent:
        state.push("link_open", "a", 1).attrs = {"href": url, "class": "cite"}
        state.push("text", "", 0).content = found[1]
        state.push("link_close", "a", -1)
    state.pos = found.end()
    return True


def _alternative_text(
    renderer: RendererHTML, tokens: list[Token], index: int, options: Any, env: Any
) -> str:
    return escape(renderer.renderInlineAsText(tokens[index].children, options, env))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    parser.enable(["table", "strikethrough"])
    parser.inline.ruler.before("link", "citation", _cite)
    parser.add_render_rule("image", _alternative_text)
    return parser


_PARSER = _parser()
