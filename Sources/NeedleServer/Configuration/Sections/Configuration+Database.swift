// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension Configuration {
    /// Where the tailnet is kept.
    package struct Database: Equatable, Sendable {
        /// The kinds of database that a file may ask for.
        package enum Kind: String, CaseIterable, Sendable {
            case sqlite
            case postgres
        }

        /// The embedded database.
        package struct SQLite: Equatable, Sendable {
            /// `database.sqlite.path`.
            package var path = ""
            /// `database.sqlite.write_ahead_log`.
            package var writeAheadLog = true
            /// `database.sqlite.wal_autocheckpoint`: after how many pages.
            package var walAutocheckpoint = 1000
        }

        /// A Postgres server.
        package struct Postgres: Equatable, Sendable {
            /// `database.postgres.host`.
            package var host = ""
            /// `database.postgres.port`.
            package var port = 5432
            /// `database.postgres.name`.
            package var name = ""
            /// `database.postgres.user`.
            package var user = ""
            /// `database.postgres.pass`.
            package var password = ConfigurationSecret("")
            /// `database.postgres.max_open_conns`.
            package var maximumOpenConnections = 10
            /// `database.postgres.max_idle_conns`.
            package var maximumIdleConnections = 10
            /// `database.postgres.conn_max_idle_time_secs`.
            package var maximumIdleSeconds = 3600
            /// `database.postgres.ssl`: `true`, `false` or one of libpq's modes.
            package var ssl = "false"
        }

        /// headscale's object mapper; kept so that its files are accepted.
        package struct Gorm: Equatable, Sendable {
            /// `database.gorm.prepare_stmt`.
            package var prepareStatements = true
            /// `database.gorm.parameterized_queries`.
            package var parameterizedQueries = true
            /// `database.gorm.skip_err_record_not_found`.
            package var skipsRecordNotFound = true
            /// `database.gorm.slow_threshold`.
            package var slowThresholdMilliseconds = 1000
        }

        /// `database.type`.
        package var kind = Kind.sqlite
        /// `database.debug`: whether statements are logged.
        package var debug = false
        /// `database.sqlite`.
        package var sqlite = SQLite()
        /// `database.postgres`.
        package var postgres = Postgres()
        /// `database.gorm`.
        package var gorm = Gorm()

        /// SQLite.
        package init() {}
    }
}
