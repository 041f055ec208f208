"""`{% keep "name", … %}` in templates: caches a piece of HTML that many public pages share, by its name and values.

The content must be the same for all readers without identifying cookies. It is only evaluated if it is not cached.
"""

from collections.abc import Callable, Hashable

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from markupsafe import Markup

from qingbo.languages import page_language
from qingbo.page_cache.fragments import keep


class KeepTag(Extension):
    """The Jinja extension for the tag."""

    tags = {"keep"}  # noqa: RUF012 - as in Jinja's base class

    def parse(self, parser: Parser) -> nodes.Node:
        """Parse the tag into a call; Jinja calls this when it compiles a template."""
        line = next(parser.stream).lineno
        key = parser.parse_tuple(with_condexpr=False)
        body = parser.parse_statements(("name:endkeep",), drop_needle=True)
        call = self.call_method("_keep", [key if isinstance(key, nodes.Tuple) else nodes.Tuple([key], "load")])
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _keep(self, key: tuple[Hashable, ...], caller: Callable[[], Markup]) -> Markup:
        return keep((*key, page_language()), caller)
