// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Where an exit node stands, for people and for choosing a near one.
package struct Location: Hashable, Sendable {
    /// In English; absent means unknown.
    package var country = ""
    /// Two capital letters of ISO 3166-1; absent means unknown.
    package var countryCode = ""
    /// In English; absent means unknown.
    package var city = ""
    /// A short code that tells cities of a country apart; absent means unknown.
    package var cityCode = ""
    /// Degrees north; absent means 0.
    package var latitude: Double = 0
    /// Degrees east; absent means 0.
    package var longitude: Double = 0
    /// The higher, the rather it is suggested; absent means 0.
    package var priority = 0

    /// What is not given is left at the value that stands for "absent".
    package init(
        country: String = "",
        countryCode: String = "",
        city: String = "",
        cityCode: String = "",
        latitude: Double = 0,
        longitude: Double = 0,
        priority: Int = 0
    ) {
        self.country = country
        self.countryCode = countryCode
        self.city = city
        self.cityCode = cityCode
        self.latitude = latitude
        self.longitude = longitude
        self.priority = priority
    }
}

extension Location: JSONCoded {
    private enum Field: String, JSONField {
        case country = "Country"
        case countryCode = "CountryCode"
        case city = "City"
        case cityCode = "CityCode"
        case latitude = "Latitude"
        case longitude = "Longitude"
        case priority = "Priority"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .country: country = try reader.shortText()
            case .countryCode: countryCode = try reader.shortText()
            case .city: city = try reader.shortText()
            case .cityCode: cityCode = try reader.shortText()
            case .latitude: latitude = try reader.value() ?? 0
            case .longitude: longitude = try reader.value() ?? 0
            case .priority: priority = try reader.value() ?? 0
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Country", ifNotEmpty: country)
        writer.field("CountryCode", ifNotEmpty: countryCode)
        writer.field("City", ifNotEmpty: city)
        writer.field("CityCode", ifNotEmpty: cityCode)
        if latitude != 0 { writer.field("Latitude", latitude) }
        if longitude != 0 { writer.field("Longitude", longitude) }
        writer.field("Priority", ifNotZero: priority)
        writer.endObject()
    }
}
