"""Rows are found by a text, in little memory."""

import tracemalloc

from qingbo.imports.row_index import RowIndex


def test_rows_are_found_by_their_text_the_oldest_first() -> None:
    index = RowIndex()
    for number in range(1, 1001):
        index.add(f"text {number % 10}", number)
    index.sort()
    assert index.numbers(["text 3", "none", "text 4"], most=3) == [3, 13, 23, 4, 14, 24]
    assert len(index.numbers(["text 0"], most=1000)) == 100


def test_a_row_takes_sixteen_bytes() -> None:
    tracemalloc.start()
    index = RowIndex()
    for number in range(50_000):
        index.add(str(number), number)
    index.sort()
    size, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 50_000 * 16 * 1.2
