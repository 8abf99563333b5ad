"""TLS in front of a store without it, with a self-signed certificate."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

DAY = timedelta(days=1)


def self_signed(path: Path) -> Path:
    """Write a key and its certificate for 127.0.0.1, in one PEM file, and return its path."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "store")]), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - DAY, now + DAY)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    certificate = builder.sign(key, hashes.SHA256())
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()) + certificate.public_bytes(pem))
    return path


@contextmanager
def tls_before(target: str, certificate: Path) -> Iterator[str]:
    """Yield the path of a Unix socket that terminates TLS and forwards to the Unix socket `target`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    # Not in `tmp_path`: a socket's path may have only about a hundred characters.
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        path = f"{folder}/tls.sock"
        listener.bind(path)
        listener.listen()
        threading.Thread(target=_accept, args=(listener, context, target), daemon=True).start()
        yield path
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, context: ssl.SSLContext, target: str) -> None:
    while True:
        try:
            near, _address = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(near, context, target), daemon=True).start()


def _serve(near: socket.socket, context: ssl.SSLContext, target: str) -> None:
    far = socket.socket(socket.AF_UNIX)
    with near, far, contextlib.suppress(OSError), context.wrap_socket(near, server_side=True) as tls:
        far.connect(target)
        _carry(tls, far)


def _carry(tls: ssl.SSLSocket, far: socket.socket) -> None:
    """Forward both ways in one thread, since two threads must not use a TLS socket at once."""
    while True:
        ready = [tls] if tls.pending() else select.select([tls, far], [], [])[0]
        for source, sink in ((tls, far), (far, tls)):
            if source in ready:
                if not (data := source.recv(65536)):
                    return
                sink.sendall(data)
