// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// What the administrator decided about this server, complete and checked.
///
/// One made by ``ConfigurationLoader`` has no open questions: defaults are filled in, relative paths are resolved, and
/// whatever this server cannot do was refused or reported. Each property names the key that it comes from; the keys
/// themselves, with their meaning and state, are rows of ``ConfigurationKey/all``.
package struct Configuration: Equatable, Sendable {
    /// `server_url`: where clients reach the server.
    package var serverURL = ServerURL.local
    /// `listen_addr`: the main listener, for everything.
    package var listenAddress = ListenAddress(host: "127.0.0.1", port: 8080)
    /// `metrics_listen_addr`: metrics and debugging; nothing means no such listener.
    package var metricsListenAddress: ListenAddress?
    /// `trusted_proxies`: who may say in a header which client a request comes from.
    package var trustedProxies: [IPPrefix] = []
    /// `noise.private_key_path`: the control key, created with mode 0600 if missing.
    package var noisePrivateKeyPath = ""
    /// Where everything lives that no key places elsewhere.
    package var dataDirectory = Configuration.defaultDataDirectory

    /// `prefixes`: the addresses of nodes.
    package var prefixes = Prefixes()
    /// `derp`: the embedded relay and the relays that clients are told of.
    package var derp = DERP()
    /// `node`: how long nodes stay.
    package var node = Node()
    /// `preauth_keys`: what happens to used keys.
    package var preAuthKeys = PreAuthKeys()
    /// `database`: where the tailnet is kept.
    package var database = Database()
    /// `tls_*` and `acme_*`: the certificate.
    package var tls = TLS()
    /// `log`: what is logged, and how.
    package var log = Log()
    /// `policy`: where the policy comes from.
    package var policy = Policy()
    /// `dns`: what clients resolve, and how.
    package var dns = DNS()
    /// `unix_socket`: administration without further log-in.
    package var unixSocket = UnixSocket()
    /// `oidc`: interactive log-in.
    package var oidc = OIDC()
    /// `logtail`, `taildrop`, `auto_update`: what clients are told to do.
    package var clients = Clients()
    /// `tuning`: pending registrations, and what headscale alone needs.
    package var tuning = Tuning()
    /// `limits`: Needletail's own; each has a number, and beyond it a refusal.
    package var limits = Limits()
    /// `cli`: of the command line, not of the server.
    package var commandLine = CommandLine()

    /// The folder used when neither the command line nor the file names one.
    package static let defaultDataDirectory = "./needletail-data"

    /// A server that runs on its own, with everything in `dataDirectory`.
    package init(dataDirectory: String = Configuration.defaultDataDirectory) {
        self.dataDirectory = dataDirectory
        let folder = dataDirectory.hasSuffix("/") ? String(dataDirectory.dropLast()) : dataDirectory
        noisePrivateKeyPath = folder + "/noise_private.key"
        derp.server.privateKeyPath = folder + "/derp_server_private.key"
        database.sqlite.path = folder + "/db.sqlite"
        tls.generatedCertificatePath = folder + "/tls_generated.crt"
        tls.generatedPrivateKeyPath = folder + "/tls_generated.key"
        unixSocket.path = folder + "/needletail.sock"
    }
}
