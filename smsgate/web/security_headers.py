"""Security headers for every page."""

from __future__ import annotations

CLOSED = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'"}


def security_headers(*, referrer: str = "no-referrer", **sources: str) -> dict[str, str]:
    """Return headers for a page that may load only `sources`: `script_src="'self'"` becomes `script-src 'self'`."""
    allowed = {name.replace("_", "-"): source for name, source in sources.items()}
    return {
        "Content-Security-Policy": "; ".join(f"{name} {source}" for name, source in {**CLOSED, **allowed}.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": referrer,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "X-Robots-Tag": "noindex",
    }
