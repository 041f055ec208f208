"""Why CSS was refused, in the language of the page."""

from flask_babel import gettext as _

from qingbo.styling.custom_css import CssRefused, Reason


def reason_of(refused: CssRefused) -> str:
    """Return the line and what is wrong with it."""
    values = {"line": refused.line, "what": refused.what, "most": refused.what}
    reasons = {
        Reason.LENGTH: _("CSS can have up to %(most)s characters.", **values),
        Reason.SYNTAX: _("Line %(line)s isn’t valid CSS.", **values),
        Reason.ADDRESS: _(
            "Line %(line)s: %(what)s isn’t on this site. Use /media/…, /static/… or data:image/…", **values
        ),
        Reason.VARIABLE: _(
            "Line %(line)s: %(what)s isn’t allowed where a URL is expected. Write out the URL.", **values
        ),
        Reason.DEPTH: _("Line %(line)s: blocks are nested more than %(most)s levels deep.", **values),
    }
    return str(reasons.get(refused.reason) or _("Line %(line)s: %(what)s isn’t allowed.", **values))
