"""Encryption at rest with AES-SIV: deterministic, so that a number always has the same sealed form and can be found.

Keys are listed newest first. The newest one seals; all of them open. A key prefixed with + only opens: that way every
process knows a new key before any of them seals with it. `smsgate rotate` seals everything again with the newest key;
then the others can be removed from SMSGATE_KEYS.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from sqlalchemy import Label, LargeBinary, type_coerce
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import TypeDecorator

from smsgate.core.reading import gaps


class WrongKey(Exception):
    """A key is malformed, missing, or not the one that sealed this data."""


class Keyring:
    """The encryption keys of an installation, newest first; each 32, 48 or 64 bytes, written in hexadecimal."""

    def __init__(self, keys: Iterable[str]) -> None:
        written = list(keys)
        self._secrets = [_parsed_key(text.removeprefix("+")) for text in written]
        sealing = [secret for secret, text in zip(self._secrets, written, strict=True) if not text.startswith("+")]
        if not sealing:
            raise WrongKey("SMSGATE_KEYS is empty; it needs at least one key without a + before it.")
        self._newest, *self._older = sealing
        self._sealing = AESSIV(self._newest)
        self._ciphers = [AESSIV(secret) for secret in self._secrets]
        self._kept_mac: hmac.HMAC | None = None
        self.read_index_secret: Callable[[], str | None] = lambda: None  # the Database sets it

    @property
    def has_several(self) -> bool:
        """True while keys are being rotated: the same text may have several sealed forms."""
        return len(self._secrets) > 1

    def newest_and_announced(self) -> list[Keyring]:
        """Return a keyring for each key alone that seals, or will: the older ones only open."""
        return [Keyring([secret.hex()]) for secret in self._secrets if secret not in self._older]

    def older(self) -> list[Keyring]:
        """Return a keyring for each key alone that is to be removed once everything is sealed again."""
        return [Keyring([secret.hex()]) for secret in self._older]

    def seal(self, text: str, purpose: str) -> bytes:
        """Return `text` sealed with the newest key, bound to `purpose` so that it opens in no other column."""
        return self._sealing.encrypt(_padded(text), [purpose.encode()])

    def forms(self, text: str, purpose: str) -> list[bytes]:
        """Return the sealed forms that `text` may have in the database, one per key."""
        return [cipher.encrypt(_padded(text), [purpose.encode()]) for cipher in self._ciphers]

    def open(self, sealed: bytes, purpose: str) -> str:
        """Return the text that was sealed; raises WrongKey if no key fits."""
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(sealed, [purpose.encode()])[1:].decode()
            except InvalidTag:
                continue
        raise WrongKey("None of SMSGATE_KEYS opens this data. Is the right key set?")

    def is_newest(self, sealed: bytes, purpose: str) -> bool:
        """True if `sealed` was sealed with the newest key."""
        try:
            self._sealing.decrypt(sealed, [purpose.encode()])
        except InvalidTag:
            return False
        return True

    def tag(self, text: str) -> str:
        """Return a pseudonym for `text`: 32 hexadecimal digits that reveal nothing, the same when keys rotate."""
        mac = self._tag_mac.copy()
        mac.update(text.encode())
        return mac.hexdigest()[:32]

    def tags(self, text: str) -> list[str]:
        """Return the pseudonyms that `text` may have: `tag`, then those that an earlier release made with each key."""
        keys = (hashlib.blake2s(b"tag" + secret).digest() for secret in self._secrets)
        made = [hmac.new(key, text.encode(), hashlib.blake2s).hexdigest()[:32] for key in keys]
        return list(dict.fromkeys([self.tag(text), *made]))

    @property
    def new_index_secret(self) -> str:
        """The tag secret for an installation that has none stored yet: the one its tags were made with so far."""
        return hashlib.blake2s(b"tag" + self._newest).hexdigest()

    def derived(self, purpose: str) -> list[str]:
        """Return secrets for another purpose, such as signing: 64 hexadecimal digits each.

        The first is that of the newest key: what an announced one signed, not every process could check yet.
        """
        others = (secret for secret in self._secrets if secret != self._newest)
        return [hashlib.blake2s(purpose.encode() + b":" + secret).hexdigest() for secret in (self._newest, *others)]

    @property
    def _tag_mac(self) -> hmac.HMAC:
        """The MAC of tags, keyed once, since each turn makes three tags.

        Not a `cached_property`, which holds a lock meanwhile: callers would wait one by one for a hanging database.
        """
        if self._kept_mac is None:
            secret = self.read_index_secret() or self.new_index_secret
            self._kept_mac = hmac.new(bytes.fromhex(secret), digestmod=hashlib.blake2s)
        return self._kept_mac


def _parsed_key(text: str) -> bytes:
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) not in (32, 48, 64):
        raise WrongKey("Each of SMSGATE_KEYS is 64, 96 or 128 hexadecimal digits (openssl rand -hex 32).")
    return secret


def _padded(text: str) -> bytes:
    # AES-SIV refuses to encrypt an empty input, and the empty text is a valid text.
    return b"=" + text.encode()


class SealedForm(bytes):
    """Bytes that are already sealed, passed to the database unchanged."""


class Sealed(TypeDecorator[str]):
    """A text column, encrypted in the database; `dialect.smsgate_keys` holds the engine's Keyring."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ANN401 - SQLAlchemy's signature
        """Seal a text; pass a SealedForm through."""
        if value is None or isinstance(value, SealedForm):
            return None if value is None else bytes(value)
        return keys_of(dialect).seal(str(value), self.purpose)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ANN401 - SQLAlchemy's signature
        """Open a sealed value. Raises WrongKey, or returns other words in its place, see `gaps.reading_on`."""
        if value is None:
            return None
        try:
            return keys_of(dialect).open(bytes(value), self.purpose)
        except WrongKey:
            if (instead := gaps.in_place(self.purpose)) is None:
                raise
            return instead


def keys_of(dialect: Dialect) -> Keyring:
    """Return the Keyring that `database.connect` gave to this engine."""
    keyring: Keyring = dialect.smsgate_keys  # type: ignore[attr-defined]
    return keyring


def as_sealed(column: InstrumentedAttribute[Any]) -> Label[bytes]:
    """Return an expression that selects a sealed column unopened, labelled `sealed`; `opened` opens its values."""
    return type_coerce(column, LargeBinary).label("sealed")


def opened(session: Session, column: InstrumentedAttribute[Any], forms: Iterable[bytes]) -> dict[bytes, str]:
    """Open sealed values of a column, each distinct one once: a broadcast has one text, not one per recipient."""
    return {form: column.type.process_result_value(form, session.get_bind().dialect) for form in forms}


def readable(session: Session, column: InstrumentedAttribute[Any], forms: Iterable[bytes]) -> dict[bytes, str]:
    """Open sealed values as `opened` does, without those that no key opens: one bad row stops nothing."""
    found = {}
    for form in set(forms):
        with suppress(WrongKey):
            found.update(opened(session, column, [form]))
    return found
