// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import JSON

extension Fault {
    /// What Slack's front door answers while what is behind it is broken.
    private static let page = """
        <!DOCTYPE html><html><head><title>Server Error</title></head>\
        <body><h1>Server Error</h1><p>It seems like there’s a problem connecting to our servers.</p></body></html>
        """

    /// A fault as the page asks for it: `{"kind": "rate_limited", "seconds": 30}`.
    init?(page body: JSONValue) {
        switch body["kind"]?.string {
        case "rate_limited": self = .rateLimited(min(3_600, max(1, body["seconds"]?.int ?? 30)))
        case "error":
            let name = body["error"]?.string ?? ""
            self = .error(name.isEmpty ? "internal_error" : name)
        case "html": self = .status(min(599, max(400, body["status"]?.int ?? 503)), Self.page)
        case "slow": self = .slow(min(120, max(1, body["seconds"]?.int ?? 10)))
        case "hang": self = .hang
        case "reset": self = .resetAfterCommit
        default: return nil
        }
    }

    /// What the page says about it.
    var words: String {
        switch self {
        case .status(let status, _): "answers HTTP \(status) with an HTML page"
        case .rateLimited(let seconds): "answers 429, Retry-After: \(seconds)"
        case .error(let name): "answers \(name)"
        case .slow(let seconds): "answers \(seconds) s later"
        case .hang: "never answers"
        case .resetAfterCommit: "does the work, then resets the connection"
        }
    }
}
