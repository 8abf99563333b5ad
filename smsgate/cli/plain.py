"""Words that an admin may want to think over; they are told, never stopped."""

from __future__ import annotations

from smsgate import plain_words


def doubts(*texts: str) -> list[str]:
    """What to say about texts that others will read, a line each."""
    medical = dict.fromkeys(word for text in texts for word in plain_words.medical(text))
    orders = dict.fromkeys(word for text in texts for word in plain_words.orders(text))
    return [
        *(f"{word}: this word may sound medical on a shared phone." for word in medical),
        *(f"{word}: this may sound like an order." for word in orders),
    ]
