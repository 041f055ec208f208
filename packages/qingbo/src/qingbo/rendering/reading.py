"""The reading time of a text. js/composer/counting.js computes the same in the editor."""

from qingbo.patterns import pattern

CHINESE_A_MINUTE = 400
WORDS_A_MINUTE = 220

_CHINESE = pattern(r"[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD = pattern(r"[^\W_\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]+(?:['’-][^\W_]+)*")


def minutes_to_read(text: str) -> int:
    """Return the reading time in minutes, at least one."""
    minutes = len(_CHINESE.findall(text)) / CHINESE_A_MINUTE + len(_WORD.findall(text)) / WORDS_A_MINUTE
    return max(1, round(minutes))
