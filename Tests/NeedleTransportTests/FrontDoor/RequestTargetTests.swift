// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Testing

@testable import NeedleTransport

@Suite("Request targets")
struct RequestTargetTests {
    @Test(
        "every form gives a path and a query",
        arguments: [
            ("/", "/", nil),
            ("/key?v=138", "/key", "v=138"),
            ("/a?b?c", "/a", "b?c"),
            ("/a?", "/a", ""),
            ("/a#b", "/a", nil),
            ("/a?x=1#b?c", "/a", "x=1"),
            ("http://127.0.0.1:8080/ts2021", "/ts2021", nil),
            ("https://h/key?v=130", "/key", "v=130"),
            ("HTTP://h", "/", nil),
            ("http://h?x=1", "/", "x=1"),
            ("/a://b", "/a://b", nil),
            ("*", "*", nil),
        ] as [(String, String, String?)]
    )
    func forms(target: String, path: String, query: String?) {
        #expect(RequestTarget(target) == RequestTarget(path: path, query: query))
    }

    @Test("what is no target of ours is refused", arguments: ["", "key", "http://", "http:///x", "ftp://h/x", "h:443"])
    func refused(target: String) {
        #expect(RequestTarget(target) == nil)
    }

    @Test(
        "query values are found and decoded",
        arguments: [
            ("a=1&b=2", "b", "2"),
            ("a=1&a=2", "a", "1"),
            ("a", "a", ""),
            ("a=b=c", "a", "b=c"),
            ("a=%2B%3d", "a", "+="),
            ("a=+", "a", "+"),
            ("%61=x", "a", "x"),
            ("a=%zz", "a", nil),
            ("a=%2", "a", nil),
            ("a=%ff", "a", nil),
            ("b=1", "a", nil),
        ] as [(String, String, String?)]
    )
    func queryValues(query: String, name: String, value: String?) {
        #expect(RequestTarget(path: "/", query: query).queryValue(name) == value)
    }
}
