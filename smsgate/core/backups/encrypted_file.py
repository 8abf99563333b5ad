"""A file of encrypted records. Reading it proves that each is authentic and in its place, and that none is missing.

The file is MAGIC, a 16-byte salt, then for each record a four-byte length and the compressed record in AES-256-GCM. Its
key is derived from the backup key and the salt, so the number of a record can serve as its nonce.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"smsgate backup 1\n"
SALT_BYTES = 16
LONGEST = 64 * 1024 * 1024  # bytes per record, so that a damaged length cannot ask for gigabytes
LENGTH = struct.Struct(">I")
FOLLOWED, LAST = b"followed", b"last"


class BackupError(Exception):
    """A backup cannot be made, read or restored; the message says why and what to do."""


def parsed_key(text: str) -> bytes:
    """Parse the backup key from its setting. Raises BackupError unless it is 64 hexadecimal digits."""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise BackupError(
            "SMSGATE_BACKUP_KEY is 64 hexadecimal digits (openssl rand -hex 32). Keep a copy away from this machine."
        )
    return key


class Writer:
    """Writes records to a newly opened file; nothing can be read back before `close` has written the last one."""

    def __init__(self, file: IO[bytes], key: bytes) -> None:
        salt = os.urandom(SALT_BYTES)
        self._file, self._cipher, self._number = file, _cipher(key, salt), 0
        file.write(MAGIC + salt)

    def write(self, record: bytes) -> None:
        """Add a record."""
        self._write(record, FOLLOWED)

    def close(self, record: bytes) -> None:
        """Add the last record, and wait until all of them are on disk."""
        self._write(record, LAST)
        self._file.flush()
        os.fsync(self._file.fileno())

    def _write(self, record: bytes, place: bytes) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number), zlib.compress(record, 3), place)
        self._file.write(LENGTH.pack(len(sealed)) + sealed)
        self._number += 1


def read_records(file: IO[bytes], key: bytes) -> Iterator[bytes]:
    """Yield the records. Raises BackupError for any other file, a wrong key, damage, or a truncated file."""
    head = file.read(len(MAGIC) + SALT_BYTES)
    if not head.startswith(MAGIC) or len(head) < len(MAGIC) + SALT_BYTES:
        raise BackupError("This file is no backup of smsgate.")
    cipher, number, is_last = _cipher(key, head[len(MAGIC) :]), 0, False
    while not is_last:
        record, is_last = _opened(cipher, number, _next(file))
        yield record
        number += 1
    if file.read(1):
        raise BackupError("The backup is damaged: something follows its end.")


def _next(file: IO[bytes]) -> bytes:
    length = file.read(LENGTH.size)
    size = LENGTH.unpack(length)[0] if len(length) == LENGTH.size else LONGEST + 1
    sealed = file.read(size) if size <= LONGEST else b""
    if len(sealed) < size:
        raise BackupError("The backup is damaged or was cut off. Take another one.")
    return sealed


def _opened(cipher: AESGCM, number: int, sealed: bytes) -> tuple[bytes, bool]:
    for place in (FOLLOWED, LAST):
        try:
            return zlib.decompress(cipher.decrypt(_nonce(number), sealed, place)), place == LAST
        except InvalidTag:
            continue
    if number == 0:
        raise BackupError("SMSGATE_BACKUP_KEY does not open this backup: it was made with another key, or is damaged.")
    raise BackupError("The backup is damaged. Take another one.")


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, b"smsgate backup").derive(key))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12)
