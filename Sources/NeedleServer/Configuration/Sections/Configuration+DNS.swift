// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

extension Configuration {
    /// What clients resolve, and how.
    package struct DNS: Equatable, Sendable {
        /// A name of its own in the tailnet.
        package struct ExtraRecord: Equatable, Sendable {
            /// The kinds of record that clients take.
            package enum Kind: String, CaseIterable, Sendable {
                case a = "A"
                case aaaa = "AAAA"
            }

            /// The full name.
            package let name: String
            /// `A` or `AAAA`.
            package let kind: Kind
            /// What the name stands for.
            package let value: IPAddress

            /// The record that says that `name` is at `value`.
            package init(name: String, kind: Kind, value: IPAddress) {
                self.name = name
                self.kind = kind
                self.value = value
            }
        }

        /// `dns.magic_dns`: whether nodes resolve each other's names.
        package var magicDNS = true
        /// `dns.base_domain`: what those names end in.
        package var baseDomain = "tailnet.internal"
        /// `dns.override_local_dns`: whether ``globalNameservers`` answer in place of the machine's own.
        ///
        /// Where no key says so, this is so when there are any.
        package var overrideLocalDNS = false
        /// `dns.nameservers.global`: addresses, `address:port`, or `https://` URLs.
        package var globalNameservers: [String] = []
        /// `dns.nameservers.split`: by domain.
        package var splitNameservers: [String: [String]] = [:]
        /// `dns.search_domains`.
        package var searchDomains: [String] = []
        /// `dns.extra_records`.
        package var extraRecords: [ExtraRecord] = []
        /// `dns.extra_records_path`: a JSON file of them, watched; empty for none.
        package var extraRecordsPath = ""

        /// MagicDNS, and otherwise the clients' own resolvers.
        package init() {}
    }
}
