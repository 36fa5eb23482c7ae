// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension HuJSONValue {
    /// This value as plain JSON without blanks, comments and trailing commas; strings and numbers as written.
    ///
    /// - Complexity: linear in the value; does not recurse.
    package var standardJSON: String {
        var bytes: [UInt8] = []
        appendStandardJSON(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A container that is being written.
    private struct Frame {
        let end: Int
        let isObject: Bool
        var count = 0
    }

    private func appendStandardJSON(to bytes: inout [UInt8]) {
        var frames: [Frame] = []
        var position = index
        repeat {
            while let frame = frames.last, position == frame.end {
                bytes.append(frame.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
                frames.removeLast()
            }
            guard position < document.elements[index].next else { return }
            if let last = frames.indices.last {
                let frame = frames[last]
                if frame.count > 0 {
                    bytes.append(frame.isObject && frame.count % 2 == 1 ? UInt8(ascii: ":") : UInt8(ascii: ","))
                }
                frames[last].count += 1
            }
            let element = document.elements[position]
            switch element.kind {
            case .array, .object:
                bytes.append(element.kind == .object ? UInt8(ascii: "{") : UInt8(ascii: "["))
                frames.append(Frame(end: Int(element.next), isObject: element.kind == .object))
            default:
                bytes.append(contentsOf: document.text[Int(element.start)..<Int(element.end)])
            }
            position += 1
        } while !frames.isEmpty
    }
}
