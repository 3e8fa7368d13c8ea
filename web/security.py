"""What every answer of the console carries, and what every request must: headers, cookies, tokens against forged requests."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 64 * 1024
"""Bytes of a request: forms of a few fields are all that is sent here, but for files on routes made for them."""
LARGEST_FILE = 10 * 1024 * 1024
"""Bytes of a file that somebody who is logged in may send: a list of names, not a scan."""
_TOO_LARGE = "too_large"
_READ_OUT = 4
"""So many times what may be sent is read and thrown away: a browser shows no answer to what it is still sending."""
_POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
    )
)  # fmt: skip
"""Nothing written into a page runs or loads, whatever a county's file managed to put there."""
FRAMING: Mapping[str, str] = {"Content-Security-Policy": f"{_POLICY}; frame-src 'self'"}
"""Of a page that shows letters as they look, each in a frame that has `FRAMED`."""
FRAMED: Mapping[str, str] = {
    "Content-Security-Policy": "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; "
    "frame-ancestors 'self'; base-uri 'none'",
    "X-Frame-Options": "SAMEORIGIN",
}
"""Of a letter in its own HTML: it is of another origin than the console, and nothing in it runs, loads or leads anywhere."""
FILE: Mapping[str, str] = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
}
"""Of bytes that came from elsewhere, pictures and files, should a browser ever take them for a page."""
HEADERS: dict[str, str] = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "Server": "baosong",
}
_HSTS = f"max-age={int(timedelta(days=365).total_seconds())}"


class Headers:
    """ASGI middleware: the headers above on every answer, and no body of a request larger than `LARGEST_BODY`, on the paths
    `uploads` than a file may be. What is larger is told by `is_too_large`, and read by nobody.

    What the answer itself says stands: pages that show letters, and files, have policies of their own. Nothing is kept by any
    cache unless it says so.
    """

    def __init__(self, app: ASGIApp, *, secure: bool, uploads: Collection[str] = ()) -> None:
        self._app = app
        self._secure = secure
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        takes_file = scope["path"] in self._uploads
        most = LARGEST_FILE + LARGEST_BODY if takes_file else LARGEST_BODY
        seen = 0

        async def bounded() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen <= most:
                return message
            scope.setdefault("state", {})[_TOO_LARGE] = True
            while takes_file and message.get("more_body") and seen < _READ_OUT * most:
                message = await receive()
                seen += len(message.get("body", b""))
            return {"type": "http.disconnect"}

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (HEADERS | {"Cache-Control": "no-store"}).items():
                    headers.setdefault(name, value)
                if self._secure:
                    headers["Strict-Transport-Security"] = _HSTS
            await send(message)

        await self._app(scope, bounded, with_headers)


def is_too_large(request: Request) -> bool:
    """Whether more was sent than is read."""
    return bool(request.scope.get("state", {}).get(_TOO_LARGE))


@dataclass(frozen=True, kw_only=True)
class Cookies:
    """The console's cookies. `secure`: reached over https, so that browsers hold them to that (and to this very host, by
    the prefix). `lax`: sent also when a link of another site leads here, which the return from an OpenID provider is."""

    secure: bool
    lax: bool

    def _name(self, what: str) -> str:
        return f"__Host-baosong-{what}" if self.secure else f"baosong-{what}"

    def get(self, request: Request, what: str) -> str:
        return request.cookies.get(self._name(what), "")

    def put(self, response: Response, what: str, value: str, *, lasts: timedelta | None = None) -> None:
        """Without `lasts` it goes when the browser is closed."""
        response.set_cookie(
            self._name(what),
            value,
            max_age=int(lasts.total_seconds()) if lasts else None,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax" if self.lax else "strict",
        )

    def drop(self, response: Response, what: str) -> None:
        response.delete_cookie(self._name(what), path="/", secure=self.secure, httponly=True)


def form_token(secret: str) -> str:
    """The token that forms of a page carry: it follows from a cookie that no other site's page can read."""
    return hmac.new(secret.encode("utf-8", "surrogatepass"), b"form", hashlib.sha256).hexdigest()


def is_forged(request: Request, secret: str, given: str) -> bool:
    """Whether a request that changes something was not made by a page of ours: another site's by the browser's own word, or
    without the token."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return True
    given = request.headers.get("X-CSRF-Token", "") or given
    return not secret or not hmac.compare_digest(form_token(secret).encode(), given.encode("utf-8", "surrogatepass"))


def own_path(wanted: str) -> str:
    """A path of this console to go on to; the overview for whatever leads elsewhere."""
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if plain and "\\" not in wanted else "/"
