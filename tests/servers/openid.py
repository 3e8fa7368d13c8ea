"""A small provider of OpenID Connect on loopback: log-in without a question, codes for one use, PKCE checked, ID tokens signed."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "baosong", "client secret"


@cache
def _key() -> RSAKey:
    """Made once a run, which takes longer than a log-in."""
    return RSAKey.generate_key(2048, auto_kid=True)


@dataclass
class OpenIdProvider:
    """`claims` and `header` lay over what an honest provider says; `key` signs, `published` is what it says it signs with."""

    issuer: str
    subject: str = "17"
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    configuration: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=_key)
    published: RSAKey | None = None
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    """Code → the question it answers."""

    def application(self) -> FastAPI:
        made = FastAPI()
        made.get("/.well-known/openid-configuration")(self._configuration)
        made.get("/authorize")(self._authorize)
        made.post("/token")(self._token)
        made.get("/keys")(self._keys)
        return made

    def _configuration(self) -> dict[str, Any]:
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return told | self.configuration

    def _authorize(self, request: Request) -> RedirectResponse:
        asked = dict(request.query_params)
        code = f"code-{len(self.asked)}"
        self.asked[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 303)

    def _token(
        self, request: Request, code: Annotated[str, Form()], code_verifier: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
    ) -> dict[str, Any]:  # fmt: skip
        login = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.asked.pop(code, None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        if (
            request.headers.get("Authorization") != f"Basic {login}"
            or asked is None
            or (asked["code_challenge"], asked["redirect_uri"]) != (challenge, redirect_uri)
        ):
            raise HTTPException(400)
        now = int(time.time())
        honest = {
            "iss": self.issuer, "sub": self.subject, "aud": asked["client_id"], "nonce": asked["nonce"],
            "iat": now, "exp": now + 300,
        }  # fmt: skip
        header = {"alg": "RS256", "kid": self.key.kid} | self.header
        claims = {name: value for name, value in (honest | self.claims).items() if value is not None}
        return {"token_type": "Bearer", "access_token": "x", "id_token": jwt.encode(header, claims, self.key)}

    def _keys(self) -> dict[str, Any]:
        return {"keys": [(self.published or self.key).as_dict(private=False)]}


@contextmanager
def openid_provider() -> Iterator[OpenIdProvider]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        provider = OpenIdProvider(issuer=f"http://127.0.0.1:{listening.getsockname()[1]}")
        server = uvicorn.Server(uvicorn.Config(provider.application(), log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.should_exit = True
            thread.join()
