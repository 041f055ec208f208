"""The activity log in the language of the page."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import qingbo
from qingbo.audit.trail import note
from qingbo.comments.models import State
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.studio.activity import LABELS
from qingbo.studio.posts import _DEED_NAMES

INDIRECT = {
    "action": set(),  # what _changed and _noted are given
    "_DEED_NAMES[action]": set(_DEED_NAMES.values()),
    "f'comment-{state.value}'": {f"comment-{state}" for state in State},
}
"""Codes that are not written where the log is, by the code that makes them."""


def codes(module: Path) -> Iterator[str]:
    """Yield the codes that a module writes into the log."""
    for call in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        place = {"note": 1, "_changed": 1, "_noted": 0}.get(getattr(getattr(call, "func", None), "id", ""))
        if isinstance(call, ast.Call) and place is not None:
            code = call.args[place]
            if isinstance(code, ast.Constant):
                yield str(code.value)
            else:
                yield from INDIRECT[ast.unparse(code)]


def rows(blog: Any, language: str) -> list[list[str]]:
    page = blog.visitor("root", "administrator").get("/studio/log", headers={"Accept-Language": language}).text
    return [re.findall(r"<td>(.*?)</td>", row)[1:] for row in page.split("<tr>")[2:]]


def test_each_code_of_the_log_has_a_label() -> None:
    written = {code for module in Path(qingbo.__file__).parent.rglob("*.py") for code in codes(module)}
    assert written == set(LABELS)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_log_is_in_the_language_of_the_page(blog: Any) -> None:
    assert rows(blog, "zh")[0][1:3] == ["登录", "密码"]
    assert rows(blog, "en")[0][1:3] == ["Signed in", "Password"]


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("action", "subject", "said"),
    [
        ("role", "reader editor", ["更改角色", "reader 编辑"]),
        ("invite", "author ann@example.com", ["邀请用户", "作者 ann@example.com"]),
        ("settings", "timezone, of_another_version", ["更改设置", "时区, of_another_version"]),
        ("comment-spam", "ann: password", ["将评论标为垃圾评论", "ann: password"]),
        ("of-another-version", "x", ["of-another-version", "x"]),
    ],
)
def test_targets_are_in_the_language_of_the_page_where_they_are_words_of_ours(
    blog: Any, action: str, subject: str, said: list[str]
) -> None:
    with writing():
        note(session(), action, subject)
        session().commit()
    row = next(row for row in rows(blog, "zh") if row[0] == "–")
    assert row[1:] == [*said, "命令行"]
