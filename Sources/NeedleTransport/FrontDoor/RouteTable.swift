// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOHTTP1

/// Routes by exact path, or by the beginning of the path.
package struct RouteTable: FrontDoorRoutes {
    /// One entry.
    package struct Route: Sendable {
        let methods: [HTTPMethod]
        let path: String
        let isPrefix: Bool
        let bodyBytesMax: Int?
        let handler: @Sendable (FrontDoorRequest) -> FrontDoorAnswer

        /// A route for `methods` on `path`; a path that ends in `*` stands for everything that begins so.
        ///
        /// HEAD is allowed wherever GET is.
        package init(
            _ methods: [HTTPMethod],
            _ path: String,
            bodyBytesMax: Int? = nil,
            handler: @escaping @Sendable (FrontDoorRequest) -> FrontDoorAnswer
        ) {
            self.methods = methods.contains(.GET) ? methods + [.HEAD] : methods
            isPrefix = path.hasSuffix("*")
            self.path = isPrefix ? String(path.dropLast()) : path
            self.bodyBytesMax = bodyBytesMax
            self.handler = handler
        }
    }

    private let exact: [String: [Route]]
    private let prefixes: [Route]

    /// Exact paths win over prefixes, longer prefixes over shorter ones.
    package init(_ routes: [Route]) {
        exact = Dictionary(grouping: routes.filter { !$0.isPrefix }, by: \.path)
        prefixes = routes.filter(\.isPrefix).sorted { $0.path.utf8.count > $1.path.utf8.count }
    }

    package func bodyBytesMax(method: HTTPMethod, path: String) -> Int? {
        candidates(for: path).first { $0.methods.contains(method) }?.bodyBytesMax
    }

    package func respond(to request: FrontDoorRequest) -> FrontDoorAnswer {
        let candidates = candidates(for: request.path)
        if let route = candidates.first(where: { $0.methods.contains(request.method) }) {
            return route.handler(request)
        }
        guard !candidates.isEmpty else { return .now(.text(.notFound, "there is nothing at this path")) }
        var answer = FrontDoorResponse.text(.methodNotAllowed, "this path does not take \(request.method.rawValue)")
        answer.headers.add(name: "Allow", value: candidates.flatMap(\.methods).map(\.rawValue).joined(separator: ", "))
        return .now(answer)
    }

    private func candidates(for path: String) -> [Route] {
        if let routes = exact[path] { return routes }
        guard let longest = prefixes.first(where: { path.hasPrefix($0.path) }) else { return [] }
        return prefixes.filter { $0.path == longest.path }
    }
}
