"""`{% keep "name", … %}` in templates: a piece of HTML that many public pages share, kept by its name and values.

Inside may stand what is the same for all readers whom no cookie names; what it costs is paid when it is not kept.
"""

from collections.abc import Callable, Hashable

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from markupsafe import Markup

from qingbo.languages import page_language
from qingbo.page_cache.fragments import keep


class KeepTag(Extension):
    """The tag."""

    tags = {"keep"}  # noqa: RUF012 - as Jinja declares it

    def parse(self, parser: Parser) -> nodes.Node:
        """Make a call of the tag: Jinja calls it when it compiles a template."""
        line = next(parser.stream).lineno
        key = parser.parse_tuple(with_condexpr=False)
        body = parser.parse_statements(("name:endkeep",), drop_needle=True)
        call = self.call_method("_keep", [key if isinstance(key, nodes.Tuple) else nodes.Tuple([key], "load")])
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _keep(self, key: tuple[Hashable, ...], caller: Callable[[], Markup]) -> Markup:
        return keep((*key, page_language()), caller)
