"""The server speaks TLS itself: pages, commands and every live way; a new certificate for whoever comes next."""

import asyncio
import json
import signal
import socket
import ssl
import warnings
from contextlib import suppress
from pathlib import Path

import pytest
import trustme
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from websockets.asyncio.client import connect

from callboard.__main__ import main
from callboard.errors import Invalid
from callboard.tls import Certificate
from running import PASSWORD, administrator, serving, visitor

HOST = "127.0.0.1"


class Files:
    """A certificate and its key where the settings name them, and a client's trust in who issued it."""

    def __init__(self, directory: Path) -> None:
        self.cert, self.key = directory / "cert.pem", directory / "key.pem"
        self._authority = trustme.CA()
        self.trust = ssl.create_default_context()
        self._authority.configure_trust(self.trust)
        self.issue()

    def issue(self) -> bytes:
        """A new certificate takes the place of what was there; what the server shows of it."""
        issued = self._authority.issue_cert(HOST)
        self.cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        self.key.write_bytes(issued.private_key_pem.bytes())
        return ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())

    @property
    def settings(self) -> dict[str, str]:
        return {"tls_cert": str(self.cert), "tls_key": str(self.key)}


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def shown(port: int, trust: ssl.SSLContext) -> bytes | None:
    """The certificate that a client is shown who connects now."""
    with socket.create_connection((HOST, port), 10) as plain, trust.wrap_socket(plain, server_hostname=HOST) as client:
        assert client.selected_alpn_protocol() in ("http/1.1", None)
        return client.getpeercert(binary_form=True)


async def test_pages_commands_and_every_live_way_over_tls(tmp_path: Path, files: Files) -> None:
    async with serving(tmp_path, **files.settings) as server, administrator(server, verify=files.trust) as robin:
        assert server.url == f"https://{HOST}:{server.port}"
        assert (await robin.get("/display/lobby")).status_code == 200
        assert (await robin.post("/api/v1/desks/desk-1/open")).status_code == 200
        taken = (await robin.post("/api/v1/tickets", json={"queue": "service"})).json()
        assert taken["url"].startswith(server.url)
        async with (
            connect(server.live("board/lobby"), ssl=files.trust, proxy=None) as board,
            robin.stream("GET", "/live/board/lobby", headers={"Accept": "text/event-stream"}) as events,
        ):
            before = json.loads(await board.recv())
            lines = events.aiter_lines()
            called = await robin.post("/api/v1/desks/desk-1/call_next")
            assert called.json()["ticket"]["id"] == taken["ticket"]["id"]
            async with asyncio.timeout(20):
                while not json.loads(await board.recv()).get("calls"):
                    pass
                while '"ticket":"A001"' not in await anext(lines):
                    pass
        polled = await robin.get("/live/board/lobby", params={"after": before["seq"], "wait": 5})
        assert [call["ticket"] for call in polled.json()["calls"]] == ["A001"]


async def test_a_session_is_for_tls_only(tmp_path: Path, files: Files) -> None:
    async with serving(tmp_path, **files.settings) as server:
        async with administrator(server, verify=files.trust):
            pass
        async with visitor(server, verify=files.trust) as client:
            signed_in = await client.post("/api/v1/session", json={"user": "robin", "password": PASSWORD})
            assert signed_in.headers["set-cookie"].startswith("__Host-callboard=")
            assert "; Secure" in signed_in.headers["set-cookie"]


async def test_a_renewed_certificate_is_for_whoever_comes_next_and_nobody_is_disconnected(
    tmp_path: Path, files: Files
) -> None:
    async with serving(tmp_path, **files.settings) as server:
        live = connect(server.live("board/lobby"), ssl=files.trust, proxy=None)
        async with visitor(server, verify=files.trust) as client, live as board:
            await board.recv()
            first = await asyncio.to_thread(shown, server.port, files.trust)
            second = files.issue()
            assert first != second
            server.process.send_signal(signal.SIGHUP)
            await server.log.find("the certificate was read again")
            assert await asyncio.to_thread(shown, server.port, files.trust) == second
            files.key.write_text("nonsense")
            server.process.send_signal(signal.SIGHUP)
            await server.log.find(r"the certificate stays as it was; tls_key: \S+key.pem holds no private key \(PEM\)")
            assert await asyncio.to_thread(shown, server.port, files.trust) == second
            assert (await client.post("/api/v1/tickets", json={"queue": "service"})).status_code == 201
            async with asyncio.timeout(20):
                while not json.loads(await board.recv()).get("queues", [{}])[0].get("waiting"):
                    pass


async def test_who_speaks_otherwise_or_not_at_all_disturbs_nobody(tmp_path: Path, files: Files) -> None:
    """One who has connected says nothing; others break the handshake off, speak plain HTTP, or TLS of long ago."""
    async with serving(tmp_path, **files.settings) as server, visitor(server, verify=files.trust) as client:
        with socket.create_connection((HOST, server.port)):
            for say in (break_off, speak_plainly, speak_as_long_ago):
                with socket.create_connection((HOST, server.port), 10) as wire:
                    await asyncio.to_thread(say, wire)
                assert (await client.get("/readyz")).status_code == 200
        assert "Traceback" not in server.log.text


def break_off(wire: socket.socket) -> None:
    wire.sendall(b"\x16\x03\x01\x02\x00\x01\x00")


def speak_plainly(wire: socket.socket) -> None:
    wire.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    with suppress(ConnectionResetError):
        assert b"HTTP" not in wire.recv(1000)


def speak_as_long_ago(wire: socket.socket) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        old.wrap_socket(wire)


# What is wrong with the files is said by the name of the setting


def missing(files: Files) -> None:
    files.cert.unlink()


def nonsense(files: Files) -> None:
    files.cert.write_text("-----BEGIN CERTIFICATE-----\nbm9uc2Vuc2U=\n-----END CERTIFICATE-----\n")


def swapped(files: Files) -> None:
    files.cert.write_bytes(files.key.read_bytes())


def unreadable(files: Files) -> None:
    files.key.unlink()
    files.key.mkdir()


def of_another(files: Files) -> None:
    key = files.key.read_bytes()
    files.issue()
    files.key.write_bytes(key)


def encrypted(files: Files) -> None:
    key = load_pem_private_key(files.key.read_bytes(), None)
    files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")))


def cut_short(files: Files) -> None:
    lines = files.key.read_text().splitlines()
    files.key.write_text("\n".join([lines[0], "AAAA", lines[-1]]))


WRONG = pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (missing, "tls_cert: {cert} cannot be read: No such file or directory"),
        (nonsense, "tls_cert: {cert} holds a certificate that cannot be read"),
        (swapped, "tls_cert: {cert} holds no certificate (PEM)"),
        (unreadable, "tls_key: {key} cannot be read: Is a directory"),
        (of_another, "tls_key: {key} is not the key of the certificate in tls_cert"),
        (encrypted, "tls_key: {key} is encrypted: a server that starts by itself has no password"),
        (cut_short, "tls_key: {key} cannot be used: "),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)


@WRONG
def test_a_server_that_starts_or_is_checked_says_what_is_wrong_with_its_certificate(
    spoil: "object", told: str, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert callable(spoil)
    spoil(files)
    expected = told.format(cert=files.cert, key=files.key)
    env = {f"CALLBOARD_{name.upper()}": value for name, value in files.settings.items()}
    started = CliRunner().invoke(main, ["serve", "--port", "0"], env=env)
    assert started.exit_code == 1
    assert started.stderr.startswith(f"callboard: {expected}")
    checked = CliRunner().invoke(main, ["check"], env=env)
    assert checked.exit_code == 1
    assert checked.output.startswith(expected)


def test_what_is_right_is_checked_with_the_site_that_the_settings_name(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "callboard.toml").write_text(f'tls_cert = "{files.cert}"\ntls_key = "{files.key}"\n')
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "site.toml").write_text("")
    assert CliRunner().invoke(main, ["check"]).output.startswith("data/site.toml: organization: is missing")


def test_what_cannot_be_used_leaves_the_certificate_as_it_was(files: Files) -> None:
    certificate = Certificate(str(files.cert), str(files.key))
    of_another(files)
    with pytest.raises(Invalid):
        certificate.renew()
    with socket.create_server((HOST, 0)) as listening:
        greeted = asyncio.run(greet(listening, certificate.context, files.trust))
    assert greeted


async def greet(listening: socket.socket, ours: ssl.SSLContext, theirs: ssl.SSLContext) -> bool:
    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(close, sock=listening, ssl=ours):
        reader, writer = await asyncio.open_connection(HOST, listening.getsockname()[1], ssl=theirs)
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
    return True
