#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Part of Needletail, a control server for Tailscale clients.
"""Prepares the official client, the Rust one from PyPI, for a server on loopback.

    prepare.py FOLDER

Fills FOLDER with venv (the client), ca.pem, and server.pem and server.key for a server at
localhost or 127.0.0.1. What is there and still good is left alone, and then no network is needed.

The client trusts the public roots that are compiled into it and no others, and fetches the key
of a control server, and talks to its relay, over TLS alone. For a server on loopback, the key of
one of these roots is therefore replaced by that of a certificate authority of our own, in the
copy of the client that is in FOLDER. Both keys have the same curve, so nothing else moves.

It needs Python 3.12 or later, and once a package index that pip can reach.
"""

import datetime
import ipaddress
import os
import pathlib
import re
import subprocess
import sys
import venv
import warnings

CLIENT = "tailscale-py"
CLIENT_VERSION = "0.6.1"
REPLACED_ROOT = "ISRG Root X2"
DAYS_VALID = 90
DAYS_LEFT_AT_LEAST = 14


def main():
    if sys.version_info < (3, 12):
        sys.exit("prepare: needs Python 3.12 or later, and this is %d.%d" % sys.version_info[:2])
    if len(sys.argv) != 2:
        sys.exit("usage: prepare.py FOLDER")
    folder = pathlib.Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    python = folder / "venv/bin/python"
    if not is_installed(python):
        venv.create(folder / "venv", with_pip=True, clear=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if subprocess.run(pip + ["%s==%s" % (CLIENT, CLIENT_VERSION), "cryptography"]).returncode != 0:
            sys.exit("prepare: pip could not install %s %s; see above" % (CLIENT, CLIENT_VERSION))
    # The certificates are made with a package that only this environment has.
    sys.exit(subprocess.run([python, __file__, "--certificates", folder]).returncode)


def is_installed(python):
    """Whether the environment runs, and holds the client of the right version."""
    question = (
        "import importlib.metadata as m, sys, cryptography, tailscale\n"
        "sys.exit(m.version(%r) != %r)" % (CLIENT, CLIENT_VERSION)
    )
    try:
        return subprocess.run([python, "-c", question], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def make_certificates(folder):
    """Makes the authority, the client that trusts it and the server's certificate, unless they are good."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    library = next(folder.glob("venv/lib/python*/site-packages/tailscale/_internal.abi3.so"))
    pristine = library.with_suffix(".pristine")
    now = datetime.datetime.now(datetime.timezone.utc)

    def point(public_key):
        form = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        return public_key.public_bytes(*form)

    def is_good():
        try:
            authority = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
            server = x509.load_pem_x509_certificate((folder / "server.pem").read_bytes())
            key = serialization.load_pem_private_key((folder / "server.key").read_bytes(), None)
            server.verify_directly_issued_by(authority)
        except Exception:       # missing, cut off, of another authority: all the same, make new ones
            return False
        days_left = min(c.not_valid_after_utc - now for c in (authority, server)).days
        return (
            days_left >= DAYS_LEFT_AT_LEAST
            and point(key.public_key()) == point(server.public_key())
            and point(authority.public_key()) in library.read_bytes()
        )

    def certificate(subject, public_key, extension, critical):
        lifetime = datetime.timedelta(days=DAYS_VALID)
        builder = x509.CertificateBuilder(root.subject, subject, public_key, x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + lifetime)
        return builder.add_extension(extension, critical).sign(authority_key, hashes.SHA384())

    if is_good():
        return
    root = find_root(folder)
    code = pristine.read_bytes() if pristine.exists() else library.read_bytes()
    if code.count(point(root.public_key())) != 1:
        sys.exit("prepare: the client does not hold the key of %s exactly once" % REPLACED_ROOT)
    if not pristine.exists():
        replace(pristine, code)

    authority_key = ec.generate_private_key(ec.SECP384R1())
    server_key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    authority = certificate(root.subject, authority_key.public_key(), x509.BasicConstraints(True, None), True)
    server = certificate(subject, server_key.public_key(), names, False)

    replace(library, code.replace(point(root.public_key()), point(authority_key.public_key())))
    pem = serialization.Encoding.PEM
    replace(folder / "ca.pem", authority.public_bytes(pem))
    replace(folder / "server.pem", server.public_bytes(pem) + authority.public_bytes(pem))
    secret = server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    replace(folder / "server.key", secret, mode=0o600)


def find_root(folder):
    """The root whose key is replaced, from the system's roots or else from those that come with pip."""
    from cryptography import x509

    bundles = [pathlib.Path("/etc/ssl/certs/ca-certificates.crt")]
    bundles += folder.glob("venv/lib/python*/site-packages/pip/_vendor/certifi/cacert.pem")
    for bundle in filter(pathlib.Path.exists, bundles):
        blocks = re.findall(b"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", bundle.read_bytes(), re.S)
        for block in blocks:
            try:
                with warnings.catch_warnings(action="ignore"):      # some old roots have odd serial numbers
                    root = x509.load_pem_x509_certificate(block)
            except ValueError:
                continue
            if "CN=%s," % REPLACED_ROOT in root.subject.rfc4514_string() + ",":
                return root
    sys.exit("prepare: %s is not among the system's roots; install ca-certificates" % REPLACED_ROOT)


def replace(path, content, mode=0o644):
    """Writes a file as a whole, so that a run that is interrupted leaves the old one."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    new.replace(path)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--certificates"]:
        make_certificates(pathlib.Path(sys.argv[2]))
    else:
        main()
