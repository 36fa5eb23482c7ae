// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// An array in pages, so that changing one element of a copy copies a page instead of everything.
///
/// Snapshots of a graph are kept while the next one is made; with plain arrays the first change after each would cost as
/// much as there are nodes.
struct PagedArray<Element: Sendable>: Sendable {
    /// Small, since a page that is copied retains all that is in it.
    private static var pageSize: Int { 32 }

    private var pages: [[Element]] = []
    private(set) var count = 0

    init() {}

    init(repeating element: Element, count: Int) {
        grow(to: count, with: element)
    }

    subscript(index: Int) -> Element { pages[index / Self.pageSize][index % Self.pageSize] }

    /// Changes the element at `index` where it is.
    mutating func update(_ index: Int, _ body: (inout Element) -> Void) {
        body(&pages[index / Self.pageSize][index % Self.pageSize])
    }

    mutating func append(_ element: Element) {
        if count % Self.pageSize == 0 { pages.append([]) }
        pages[pages.count - 1].append(element)
        count += 1
    }

    /// Adds `element` until there are `count`.
    mutating func grow(to count: Int, with element: Element) {
        while self.count < count { append(element) }
    }
}

extension PagedArray: Sequence {
    func makeIterator() -> AnyIterator<Element> {
        var index = 0
        return AnyIterator {
            guard index < count else { return nil }
            index += 1
            return self[index - 1]
        }
    }
}
