"""Numbers that carry a check or a form of their own: organisations, public objects. Pure."""

import re

# GB 32100-2015: 17 characters and a check character, without I, O, S, V, Z; weights are the powers of 3 modulo 31.
_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC = re.compile(rf"^[{_SIGNS}]{{18}}$")
_OBJECT = re.compile(r"^\d{16}$", re.ASCII)


def uscc_check(body: str) -> str:
    """The check character of the first 17 characters of a unified social credit code (GB 32100-2015); ValueError for other text."""
    if len(body) != 17 or any(sign not in _SIGNS for sign in body):
        raise ValueError("17 characters of digits and capitals without I, O, S, V, Z")
    total = sum(_SIGNS.index(sign) * pow(3, at, 31) for at, sign in enumerate(body))
    return _SIGNS[-total % 31]


def is_uscc(code: str) -> bool:
    """Whether this is a unified social credit code with the right check character."""
    return bool(_USCC.match(code)) and uscc_check(code[:17]) == code[17]


def is_object_code(code: str) -> bool:
    """Whether this has the form of a public object's code: 16 digits, 6 district + 2 major + 2 minor + 6 sequence."""
    return bool(_OBJECT.match(code))
