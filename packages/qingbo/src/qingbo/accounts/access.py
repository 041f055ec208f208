"""Decorators that restrict a view to a role. The queries behind these views check the role, too."""

import functools
from collections.abc import Callable
from typing import Any

from flask import abort
from flask_login import current_user, login_required

View = Callable[..., Any]


def author_required(view: View) -> View:
    """Restrict a view to people who may write posts."""
    return _opened_to(view, lambda user: user.is_author)


def editor_required(view: View) -> View:
    """Restrict a view to editors and administrators."""
    return _opened_to(view, lambda user: user.is_editor)


def administrator_required(view: View) -> View:
    """Restrict a view to administrators."""
    return _opened_to(view, lambda user: user.is_administrator)


def _opened_to(view: View, holds: Callable[[Any], bool]) -> View:
    @login_required
    @functools.wraps(view)
    def opened(*args: Any, **values: Any) -> Any:
        if not holds(current_user):
            abort(403)
        return view(*args, **values)

    guarded: View = opened
    return guarded
