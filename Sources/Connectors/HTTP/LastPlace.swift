// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOHTTP1
import Synchronization

/// Reads an address once for requests that follow each other to the same place: of thousands most do, and reading it
/// takes as long as much of the rest.
final class LastPlace: Sendable {
    private struct Place {
        let url: String
        let address: HTTPAddress?
        var request: HTTPClient.Request?
    }

    private let last = Mutex(Place(url: "", address: nil))

    /// As `HTTPAddress(url)`.
    func address(_ url: String) -> HTTPAddress? {
        last.withLock { last in
            if last.url != url { last = Place(url: url, address: HTTPAddress(url)) }
            return last.address
        }
    }

    /// A request without headers and body.
    func request(_ method: String, _ url: String) throws -> HTTPClient.Request {
        try last.withLock { last in
            if last.url == url, let request = last.request, request.method.rawValue == method { return request }
            let request = try HTTPClient.Request(url: url, method: HTTPMethod(rawValue: method))
            if last.url == url { last.request = request }
            return request
        }
    }
}
