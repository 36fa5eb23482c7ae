// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import HuJSON

extension HuJSONDocument {
    /// The sections of a policy, in the order of the text.
    ///
    /// - Throws: ``PlanError`` if it is no HuJSON object.
    static func sections(ofPolicy text: String) throws(PlanError) -> HuJSONValue.Members {
        let document: HuJSONDocument
        do {
            document = try HuJSONDocument(text)
        } catch {
            throw PlanError("the policy is no HuJSON: \(error)")
        }
        guard let members = document.root.members else { throw PlanError("the policy is not one object {…}") }
        return members
    }
}
