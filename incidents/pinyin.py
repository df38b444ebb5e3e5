"""Pinyin of Chinese names, for search by sound and by initials.

Costs some 60 MB once imported, so it is imported where names are written (commands, jobs, the admin), never to serve.
"""

from pypinyin import Style, lazy_pinyin, load_phrases_dict

# Readings that the package's own phrases get wrong.
load_phrases_dict({"调压": [["tiáo"], ["yā"]]})


def spell(name: str) -> tuple[str, str]:
    """The name in pinyin without tones or spaces, and its initials: 上水井盖 gives shangshuijinggai, ssjg."""
    syllables = lazy_pinyin(name, style=Style.NORMAL, errors=_keep_letters)
    written = [syllable.lower() for syllable in syllables if syllable]
    return "".join(written), "".join(syllable[0] for syllable in written)


def _keep_letters(text: str) -> str:
    """Letters and figures stand as they are, punctuation is dropped."""
    return "".join(letter for letter in text if letter.isascii() and letter.isalnum())
