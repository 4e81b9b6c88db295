"""What PostgreSQL can keep as text."""


def is_storable(text: str) -> bool:
    """Whether it can: no NUL, no half of a sign."""
    return "\x00" not in text and (
        text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)
    )
