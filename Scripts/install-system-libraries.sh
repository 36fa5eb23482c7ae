#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Part of Needletail, a control server for Tailscale clients.
#
# Installs the system libraries that Needletail is built with, or says which are missing.
# Does nothing when they are there.
set -eu

missing=""
need() { # PACKAGE FILE...
    package=$1
    shift
    for file in "$@"; do
        [ -e "$file" ] && return 0
    done
    missing="$missing $package"
}

need libsqlite3-dev /usr/include/sqlite3.h
need libzstd-dev /usr/include/zstd.h
need libsodium-dev /usr/include/sodium.h
need libssl-dev /usr/include/openssl/evp.h
need pkg-config /usr/bin/pkg-config /usr/bin/pkgconf
need zlib1g-dev /usr/include/zlib.h
# Tests talk to these; elsewhere they are skipped loudly without them, but CI does not let them be.
if [ "${CI:-}" = "true" ]; then
    need nghttp2-client /usr/bin/nghttp
    need curl /usr/bin/curl
fi
need ca-certificates /etc/ssl/certs/ca-certificates.crt

[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "install-system-libraries: missing:$missing" >&2
    echo "install-system-libraries: install these with your system's package manager, then run this again" >&2
    exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
    sudo=""
elif sudo -n true 2>/dev/null; then
    sudo="sudo"
else
    echo "install-system-libraries: missing:$missing" >&2
    echo "install-system-libraries: run as an administrator: apt-get install$missing" >&2
    exit 1
fi

echo "installing$missing"
# shellcheck disable=SC2086 # the list is meant to be split
if ! DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q $missing >/dev/null 2>&1; then
    $sudo apt-get update -q >/dev/null
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q $missing >/dev/null
fi
