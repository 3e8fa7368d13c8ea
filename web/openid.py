"""Log-in by OpenID Connect: the code flow with PKCE (OpenID Connect Core 1.0, 3.1; RFC 7636). The only module that asks the provider,
and that knows joserfc."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from config.web_tables import OpenIdTable

_SECONDS = 10.0
_LARGEST = 256 * 1024
"""Bytes of one answer."""
_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures with a public key alone: one by a shared secret, or none at all, proves nothing here."""
_LEEWAY = timedelta(minutes=1)


class OpenIdRefused(Exception):
    """The provider cannot be asked, or what it says does not prove who is there. The words are for the log: no names."""


@dataclass(frozen=True, kw_only=True)
class Journey:
    """What a browser must bring back from the provider: kept in its cookie, unknown to anybody else."""

    state: str
    nonce: str
    verifier: str
    path: str

    def packed(self) -> str:
        return base64.urlsafe_b64encode(json.dumps(vars(self)).encode()).decode("ascii")


def journey_to(path: str) -> Journey:
    """A new one; `path` is where to go on to."""
    return Journey(
        state=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48), path=path
    )


def unpacked(cookie: str) -> Journey:
    """Raises OpenIdRefused for what `packed` did not make."""
    try:
        return Journey(**json.loads(base64.urlsafe_b64decode(cookie)))
    except (ValueError, TypeError) as error:
        raise OpenIdRefused("no journey was begun in this browser, or long ago") from error


@dataclass(frozen=True, kw_only=True)
class Provider:
    """`back`: the address the provider sends people back to, as it is registered there."""

    table: OpenIdTable
    back: str

    @property
    def label(self) -> str:
        return self.table.label

    def way_there(self, journey: Journey) -> str:
        """The address at the provider to send a browser to. Raises OpenIdRefused."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(journey.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self.table.client_id,
            "redirect_uri": self.back,
            "scope": "openid",
            "state": journey.state,
            "nonce": journey.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._endpoint('authorization_endpoint')}?{urlencode(query)}"

    def subject(self, journey: Journey, *, state: str, code: str, now: datetime) -> str:
        """Who came back, as accounts have it: `issuer subject`. Raises OpenIdRefused."""
        if not code or not secrets.compare_digest(journey.state.encode(), state.encode("utf-8", "surrogatepass")):
            raise OpenIdRefused("the answer does not belong to this browser's question")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "code_verifier": journey.verifier,
        }
        login = (self.table.client_id, self.table.secret())
        answer = _asked("POST", self._endpoint("token_endpoint"), data=form, auth=login)
        keys = _asked("GET", self._endpoint("jwks_uri"))
        return f"{self.table.issuer} {self._proven(answer.get('id_token'), keys, journey, now)}"

    def _proven(self, token: object, keys: dict[str, Any], journey: Journey, now: datetime) -> str:
        """The `sub` of an ID token that is signed by the provider, for us, for this journey, and not over (3.1.3.7)."""
        rules = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=int(_LEEWAY.total_seconds()),
            iss={"essential": True, "value": self.table.issuer},
            aud={"essential": True, "value": self.table.client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": journey.nonce},
        )
        try:
            claims = jwt.decode(str(token), KeySet.import_key_set(keys), algorithms=_ALGORITHMS).claims  # type: ignore[arg-type]
            rules.validate(claims)
        except (JoseError, ValueError, KeyError) as error:
            raise OpenIdRefused(f"the token proves nothing: {type(error).__name__}") from error
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != self.table.client_id:
            raise OpenIdRefused("the token is for others too")
        return str(claims["sub"])

    def _endpoint(self, name: str) -> str:
        """Of what the provider publishes of itself (OpenID Connect Discovery 1.0, 4); asked anew each time, as log-ins are few."""
        told = _asked("GET", f"{self.table.issuer.rstrip('/')}/.well-known/openid-configuration")
        address = told.get(name)
        if told.get("issuer") != self.table.issuer or not isinstance(address, str) or not self.table.trusts(address):
            raise OpenIdRefused(f"its configuration is another's, or has no {name} over https")
        return address


def _asked(method: str, address: str, **request: Any) -> dict[str, Any]:
    """A JSON object from the provider. Raises OpenIdRefused."""
    try:
        with httpx.stream(method, address, timeout=_SECONDS, follow_redirects=False, **request) as answer:
            answer.raise_for_status()
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _LARGEST:
                    raise OpenIdRefused("the answer is too large")
        found = json.loads(body)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise OpenIdRefused(f"it gave no answer: {type(error).__name__}") from error
    if not isinstance(found, dict):
        raise OpenIdRefused("the answer is no JSON object")
    return found
