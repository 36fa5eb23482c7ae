// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A role whose keys agree on secrets by X25519; tailnet-lock keys do not, they sign.
package protocol KeyAgreementRole: KeyRole {}

extension MachineRole: KeyAgreementRole {}
extension NodeRole: KeyAgreementRole {}
extension DiscoRole: KeyAgreementRole {}

extension PrivateKey where Role: KeyAgreementRole {
    /// The public half.
    ///
    /// - Throws: ``NoiseError/unusableKey`` if the library refuses the key.
    package var publicKey: PublicKey<Role> {
        get throws(NoiseError) {
            guard let key = PublicKey<Role>(bytes: try KeyAgreement(bytes, .machineKey).publicKey) else {
                throw .unusableKey
            }
            return key
        }
    }
}
