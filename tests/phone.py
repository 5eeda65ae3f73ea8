"""A phone for tests: seals as the contract says, from what `GET /phone/list/` gave it."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SEEN = {"mode": "home", "seen": True, "living": "good"}


def seal(plain: bytes, uid: str, public: bytes) -> bytes:
    """Ephemeral point ‖ IV ‖ ciphertext: written from the contract, apart from what opens it."""
    pair = ec.generate_private_key(ec.SECP256R1())
    mine = pair.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    server = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    shared = pair.exchange(ec.ECDH(), server)
    key = HKDF(hashes.SHA256(), 32, salt=mine + public, info=b"yimi phone form 1").derive(shared)
    iv = os.urandom(12)
    return mine + iv + AESGCM(key).encrypt(iv, plain, uid.encode())


@dataclass
class Phone:
    """Somebody's phone, signed in by `client`."""

    client: Any

    def __post_init__(self) -> None:
        self.list = self.client.get("/phone/list/").json()

    def form(self, subject: Any, on: str, **more: Any) -> dict[str, Any]:
        """A filled form; `more` replaces parts of it."""
        return {
            "uid": str(uuid4()), "person": self.list["person"]["uid"], "subject": str(subject), "form": "hardship_visit", "version": 1,
            "occurred_on": on, "answers": SEEN, "files": {}, "chosen": {}, "made_at": "2026-11-27T09:30:00+08:00", **more,
        }  # fmt: skip

    def sealed(self, form: dict[str, Any], **more: Any) -> dict[str, Any]:
        """The body of its request."""
        public = base64.b64decode(self.list["key"]["public"])
        closed = seal(json.dumps(form, ensure_ascii=False).encode(), form["uid"], public)
        return {
            "key": self.list["key"]["id"],
            "uid": form["uid"],
            "sealed": base64.b64encode(closed).decode(),
            **more,
        }

    def post(self, body: dict[str, Any]) -> Any:
        return self.client.post("/phone/records/", json.dumps(body), content_type="application/json")

    def send(self, form: dict[str, Any]) -> str:
        """The outcome of a form that goes out once."""
        answer = self.post(self.sealed(form))
        assert answer.status_code == 200, (answer.status_code, answer.content[:200])
        told = answer.json()
        assert told["uid"] == form["uid"] and told["text"]["zh"] and told["text"]["en"]
        return str(told["outcome"])


def file(content: bytes, name: str = "photo.jpg") -> dict[str, str]:
    return {"name": name, "data": base64.b64encode(content).decode()}
