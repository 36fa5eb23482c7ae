// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON

extension AttributeValue {
    /// The value that `value` stands for; nothing for lists, objects and `null`.
    init?(_ value: HuJSONValue) {
        if let string = value.string {
            self = .string(string)
        } else if let bool = value.bool {
            self = .bool(bool)
        } else if let number = value.number.flatMap(Double.init) {
            self = .number(number)
        } else {
            return nil
        }
    }
}
