"""Which language a text is in, as far as its script says: for screen readers, hyphens and fonts."""

from qingbo.patterns import pattern

NAMES = {
    "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English", "ja": "日本語", "ko": "한국어", "de": "Deutsch",
    "es": "Español", "fr": "Français", "pt": "Português", "ru": "Русский", "vi": "Tiếng Việt",
}  # fmt: skip
"""Languages that authors choose from, by their tag (BCP 47), each in itself."""

_SCRIPTS = (
    ("ja", pattern("[\u3041-\u30ff]")),
    ("ko", pattern("[\uac00-\ud7a3]")),
    ("ru", pattern("[\u0400-\u04ff]")),
)
_HAN = pattern("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LATIN = pattern(r"[^\W\d_]")
_SHARE = 0.15
"""A Chinese text holds English words; one with this share of Chinese characters is Chinese."""


def language_of(text: str) -> str:
    """Return the tag of the language that a text's script says, empty where it says none."""
    letters = len(_LATIN.findall(text))
    if not letters:
        return ""
    for tag, script in _SCRIPTS:
        if len(script.findall(text)) > letters * _SHARE:
            return tag
    return "zh-Hans" if len(_HAN.findall(text)) > letters * _SHARE else "en"
