"""The HTML elements that posts and comments may contain, and their attributes."""

INLINE = {
    "a", "abbr", "b", "br", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "s", "samp", "small",
    "strong", "sub", "sup", "time", "u", "var",
}  # fmt: skip
BLOCKS = {"blockquote", "hr", "li", "ol", "p", "pre", "ul", "span"}
POST_ONLY = {
    "audio", "caption", "col", "colgroup", "details", "dd", "div", "dl", "dt", "figcaption", "figure", "h1", "h2", "h3",
    "h4", "h5", "h6", "img", "input", "rp", "rt", "ruby", "section", "source", "summary", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "video", "wbr",
}  # fmt: skip

POST = INLINE | BLOCKS | POST_ONLY
COMMENT = INLINE | BLOCKS

WRITTEN = POST - {"input"}
"""Elements that authors may write; only the renderer writes the checkboxes of task lists."""

TRANSPARENT = {
    "address", "article", "aside", "bdi", "bdo", "big", "center", "data", "font", "footer", "header", "hgroup", "label",
    "main", "nav", "nobr", "param", "picture", "strike", "track", "tt",
}  # fmt: skip
"""Elements whose tags are removed and whose content stays."""

EMBEDS = {"embed": "src", "iframe": "src", "object": "data"}
"""Elements that load another page, with the attribute for its address. They are replaced with a link."""

VERBATIM = ("script", "style", "textarea")
"""Elements whose content is not HTML."""

REFUSED = {
    "applet", "base", "body", "button", "canvas", "datalist", "dialog", "fieldset", "form", "frame", "frameset", "head",
    "html", "input", "link", "math", "meta", "meter", "noscript", "option", "output", "progress", "script", "select",
    "slot", "style", "svg", "template", "textarea", "title", "marquee", "map", "area", "legend", "optgroup",
}  # fmt: skip
"""HTML elements that are not allowed, so they are shown as text. Other words in angle brackets are not HTML."""

VOID = {"br", "col", "hr", "img", "input", "source", "wbr"}

ATTRIBUTES = {
    "*": {"id", "lang", "title"},
    "a": {"href", "name", "class"},
    "audio": {"src", "controls"},
    "code": {"class"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
    "img": {"src", "alt", "width", "height"},
    "input": {"type", "checked", "disabled", "class"},
    "li": {"class"},
    "ol": {"start", "class"},
    "pre": {"class"},
    "section": {"class"},
    "source": {"src", "type"},
    "span": {"class"},
    "sup": {"class"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan"},
    "time": {"datetime"},
    "ul": {"class"},
    "video": {"src", "controls", "width", "height", "poster"},
}

OURS = {"a": {"aria-label"}, "p": {"class", "tabindex"}, "div": {"class"}, "figure": {"class"}}
"""Attributes that only the renderer may write."""

ANCHOR = "user-content-"
"""Prefix of ids that authors choose, so that they cannot equal an id of the page itself."""
