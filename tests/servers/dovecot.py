"""Debian's Dovecot with its own configuration in a folder of its own, on free loopback ports, as root or anybody."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.servers.account import Account
from tests.servers.certificate import Certificate, self_signed

USERNAME, PASSWORD = "bureau@example.org", "dovecot-test"
_START_SECONDS = 20.0


@contextmanager
def dovecot(
    *, prefix: str = "", separator: str = "/", changeable: bool = False
) -> Iterator[tuple[Account, Certificate]]:
    """A running Dovecot with one empty account and a Junk folder; RuntimeError where Dovecot is not installed.

    `changeable`: the account has a password of its own that can be changed; else every name logs in with PASSWORD.
    """
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        raise RuntimeError("Dovecot is missing: this needs Debian's dovecot-imapd (apt-get install dovecot-imapd)")
    # Short and not under pytest's tmp_path: sockets have 108 characters, and Dovecot's users must get in.
    home = Path(tempfile.mkdtemp(prefix="dovecot-"))
    home.chmod(0o755)
    certificate = self_signed(home)
    plain, tls = _free_port(), _free_port()
    config = home / "dovecot.conf"
    account = Account(port=plain, tls_port=tls, username=USERNAME, password=PASSWORD, prefix=prefix)
    passwords = f"driver = static\n  args = password={PASSWORD}"
    if changeable:
        account = replace(account, password_file=home / "passwords")
        account.change_password(PASSWORD)
        passwords = f"driver = passwd-file\n  args = {home}/passwords"
    config.write_text(_configuration(home, certificate, plain, tls, prefix, separator, passwords), encoding="utf-8")
    server = subprocess.Popen([program, "-F", "-c", str(config)], stdin=subprocess.DEVNULL)
    try:
        _wait_until_up(account, server, home)
        yield account, certificate
    finally:
        server.terminate()
        server.wait(_START_SECONDS)
        shutil.rmtree(home, ignore_errors=True)  # index files may still be going


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(account: Account, server: subprocess.Popen[bytes], home: Path) -> None:
    ends = time.monotonic() + _START_SECONDS
    while time.monotonic() < ends and server.poll() is None:
        try:
            with account.client():
                return
        except OSError:
            time.sleep(0.05)
    log = home / "dovecot.log"
    raise RuntimeError(
        f"Dovecot did not start: {log.read_text(errors='replace')[-2000:] if log.exists() else 'no log'}"
    )


def _configuration(
    home: Path, certificate: Certificate, plain: int, tls: int, prefix: str, separator: str, passwords: str
) -> str:
    """Root hands the mails to `nobody`, since Dovecot serves no mails of UID 0; anybody else keeps them."""
    root = os.geteuid() == 0
    owner = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
    mail = home / "mail"
    mail.mkdir()
    os.chown(mail, owner.pw_uid, owner.pw_gid)
    users = ""
    if not root:
        group = grp.getgrgid(os.getegid()).gr_name
        users = f"default_internal_user = {owner.pw_name}\ndefault_login_user = {owner.pw_name}\n"
        users += f"default_internal_group = {group}\n"
    return f"""
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
{users}
ssl = yes
ssl_cert = <{certificate.certificate}
ssl_key = <{certificate.key}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:{mail}/%u
mail_uid = {owner.pw_uid}
mail_gid = {owner.pw_gid}
first_valid_uid = 1
first_valid_gid = 1
mail_fsync = never
mail_max_userip_connections = 100
passdb {{
  {passwords}
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={mail}/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  prefix = {prefix}
  separator = {separator}
  mailbox Junk {{
    auto = subscribe
    special_use = \\Junk
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  # No growing delays for everybody after the test of a wrong password.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""
