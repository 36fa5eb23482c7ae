// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC, with as many digits of a fraction as it has (none for whole seconds).
    package var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(30)
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the text of ``description``.
    package func append(to text: inout [UInt8]) {
        let clamped = min(max(seconds, Self.zero.seconds), Self.lastWritable)
        let days = (clamped - Self.floorModulo(clamped, 86400)) / 86400
        let time = Self.floorModulo(clamped, 86400)
        let (year, month, day) = Self.civil(fromDays: days)
        Self.append(year, digits: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(month, digits: 2, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(day, digits: 2, to: &text)
        text.append(UInt8(ascii: "T"))
        Self.append(time / 3600, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(time / 60 % 60, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(time % 60, digits: 2, to: &text)
        if nanoseconds > 0 {
            text.append(UInt8(ascii: "."))
            Self.append(Int64(nanoseconds), digits: 9, to: &text)
            while text.last == UInt8(ascii: "0") { text.removeLast() }
        }
        text.append(UInt8(ascii: "Z"))
    }

    /// Reads RFC 3339 with any offset and any number of fraction digits (beyond nine they are dropped).
    ///
    /// - Source: RFC 3339 section 5.6; a leap second is read as the second after it.
    package init?(rfc3339 text: some StringProtocol) {
        var reader = Reader(bytes: Array(text.utf8))
        guard let year = reader.number(digits: 4), reader.skip("-"), let month = reader.number(digits: 2),
            reader.skip("-"), let day = reader.number(digits: 2), reader.skip("Tt "),
            let hour = reader.number(digits: 2), reader.skip(":"), let minute = reader.number(digits: 2),
            reader.skip(":"), let second = reader.number(digits: 2)
        else { return nil }
        guard (1...12).contains(month), day >= 1, day <= Self.daysIn(month: month, year: year), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        guard let nanoseconds = reader.fraction(), let offset = reader.offset(), reader.atEnd else { return nil }
        let days = Self.days(fromCivil: year, month, day)
        let seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset
        // What cannot be written again is not read: the lowest time means "none", and must not be reached by clamping.
        guard (Self.zero.seconds...Self.lastWritable).contains(seconds) else { return nil }
        self.init(seconds: seconds, nanoseconds: nanoseconds)
    }

    /// 9999-12-31T23:59:59Z, the last second with a year of four digits.
    private static let lastWritable: Int64 = 253_402_300_799

    // MARK: - Calendar

    private static func floorModulo(_ value: Int64, _ modulus: Int64) -> Int64 {
        let rest = value % modulus
        return rest < 0 ? rest + modulus : rest
    }

    private static func daysIn(month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar, counting years from March so that leap days end them.
    private static func days(fromCivil year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func append(_ value: Int64, digits: Int, to text: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }

    /// Walks the text from left to right.
    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        var atEnd: Bool { position == bytes.count }

        mutating func number(digits: Int) -> Int64? {
            guard position + digits <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[position..<position + digits] {
                guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            position += digits
            return value
        }

        mutating func skip(_ anyOf: StaticString) -> Bool {
            guard position < bytes.count else { return false }
            let found = anyOf.withUTF8Buffer { $0.contains(bytes[position]) }
            if found { position += 1 }
            return found
        }

        mutating func fraction() -> UInt32? {
            guard position < bytes.count, bytes[position] == UInt8(ascii: ".") else { return 0 }
            position += 1
            var value: UInt32 = 0
            var digits = 0
            while position < bytes.count, let digit = number(digits: 1) {
                if digits < 9 { value = value * 10 + UInt32(digit) }
                digits += 1
            }
            guard digits > 0 else { return nil }
            for _ in min(digits, 9)..<9 { value *= 10 }
            return value
        }

        mutating func offset() -> Int64? {
            if skip("Zz") { return 0 }
            let sign: Int64
            if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
            guard let hours = number(digits: 2), skip(":"), let minutes = number(digits: 2), hours < 24, minutes < 60
            else { return nil }
            return sign * (hours * 3600 + minutes * 60)
        }
    }
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let time = Timestamp(rfc3339: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected an RFC 3339 time")
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
