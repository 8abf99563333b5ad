"""placeholder"""


def faults() -> list[str]:
    """Filled by branch words."""
    return []
