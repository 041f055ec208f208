"""What an interrupted recovery has left to be undone."""

from flask_rewind.recovery.renames_left import not_undone
from flask_rewind.sql.changes import Rename

HIDES = Rename("mark", "", "_attic_3")
RETURNS = Rename("_attic_2", "", "mark")
HIDES_AGAIN = Rename("mark", "", "_attic_6")


def test_what_a_recovery_has_renamed_back_is_not_left() -> None:
    there, back = Rename("post", "body", "text"), Rename("post", "text", "body")
    assert not_undone([there, RETURNS, back], ()) == [RETURNS]


def test_what_a_recovery_has_hidden_again_under_a_new_name_is_not_left() -> None:
    assert not_undone([HIDES, RETURNS, HIDES_AGAIN], {"_attic_6"}) == [HIDES]
    column = [Rename("post", "_attic_1", "note"), Rename("post", "note", "_attic_5")]
    assert not_undone(column, {"_attic_5"}) == []


def test_what_a_script_hides_after_it_returned_is_left() -> None:
    assert not_undone([RETURNS, HIDES_AGAIN], ()) == [RETURNS, HIDES_AGAIN]
