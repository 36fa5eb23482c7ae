// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NeedleNoise

/// Takes ciphertext cut anywhere and gives the plaintext of all records that are complete.
struct RecordReader {
    private var opener: RecordOpener
    /// Less than one record, except within ``receive(_:)``.
    private var held: ByteBuffer?

    init(opener: RecordOpener) {
        self.opener = opener
    }

    /// Opens what is complete, in place; nothing if no record is, or if all of them are empty.
    ///
    /// - Throws: what is wrong with the first bad record; the connection is over.
    mutating func receive(_ ciphertext: ByteBuffer) throws(NoiseError) -> ByteBuffer? {
        var bytes = ciphertext
        if var earlier = held.take() {
            earlier.writeImmutableBuffer(ciphertext)
            bytes = earlier
        }
        var outcome = Result<(consumed: Int, plaintext: Int), NoiseError>.success((0, 0))
        bytes.withUnsafeMutableReadableBytes { memory in
            do throws(NoiseError) {
                outcome = .success(try openAll(memory))
            } catch {
                outcome = .failure(error)
            }
        }
        let (consumed, plaintext) = try outcome.get()
        if consumed < bytes.readableBytes {
            // A copy of its own, so that the plaintext's memory is not held by the rest of a record.
            held = bytes.getSlice(at: bytes.readerIndex + consumed, length: bytes.readableBytes - consumed)
                .map { ByteBuffer(bytes: $0.readableBytesView) }
        }
        guard plaintext > 0 else { return nil }
        return bytes.readSlice(length: plaintext)
    }

    /// Opens record after record and moves the plaintexts together at the start.
    private mutating func openAll(
        _ memory: UnsafeMutableRawBufferPointer
    ) throws(NoiseError) -> (consumed: Int, plaintext: Int) {
        var consumed = 0
        var plaintext = 0
        while memory.count - consumed >= ControlMessageSize.header {
            let header = RecordHeader(memory[consumed], memory[consumed + 1], memory[consumed + 2])
            guard let header, header.type == .record else {
                throw .wrongType(.record, found: memory[consumed])
            }
            let start = consumed + ControlMessageSize.header
            let end = start + Int(header.length)
            guard end <= memory.count else { break }
            let body = UnsafeMutableRawBufferPointer(rebasing: memory[start..<end])
            let count = try opener.open(inPlace: body)
            if count > 0 {
                let target = UnsafeMutableRawBufferPointer(rebasing: memory[plaintext..<plaintext + count])
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: body[..<count]))
                plaintext += count
            }
            consumed = end
        }
        return (consumed, plaintext)
    }
}
