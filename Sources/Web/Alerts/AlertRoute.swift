// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// The routes by which errors and GitHub's deliveries come in.
enum AlertRoute: Hashable, Sendable {
    /// slack-im's own format.
    case native
    /// What Sentry's SDKs send; the project is `nil` when the path names none that there could be.
    case sentry(SentryEndpoint, project: Int?)
    /// The shape of a Slack incoming webhook; the key is a secret.
    case hook(key: String)
    case alertmanager
    case github

    enum SentryEndpoint: String, Sendable { case envelope, store }

    init?(path: String) {
        switch path {
        case "/errors": self = .native
        case "/webhooks/alertmanager", "/webhooks/alertmanager/": self = .alertmanager
        case "/webhooks/github", "/webhooks/github/": self = .github
        default:
            let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            // One slash at the end may be there or not.
            let words = parts.last?.isEmpty == true ? parts.dropLast() : parts
            switch (words.count, words.first) {
            case (3, "api"):
                guard let endpoint = words.last.flatMap({ SentryEndpoint(rawValue: String($0)) }) else { return nil }
                let project = words.dropFirst().first.flatMap { $0.allSatisfy(\.isNumber) ? Int($0) : nil }
                self = .sentry(endpoint, project: project)
            case (2, "hooks"):
                guard let key = words.last, !key.isEmpty else { return nil }
                self = .hook(key: key.removingPercentEncoding)
            default: return nil
            }
        }
    }

    var methods: [HTTPRequest.Method] {
        switch self {
        case .native, .hook, .github: [.post]
        case .sentry: [.post, .options]
        // Grafana may be set to PUT.
        case .alertmanager: [.post, .put]
        }
    }

    /// The route's pattern, with nothing foreign in it.
    var pattern: String {
        switch self {
        case .native: "/errors"
        case .sentry(.envelope, _): "/api/{project}/envelope/"
        case .sentry(.store, _): "/api/{project}/store/"
        case .hook: "/hooks/{key}"
        case .alertmanager: "/webhooks/alertmanager"
        case .github: "/webhooks/github"
        }
    }
}

extension Substring {
    /// The text with `%XX` decoded; as it is when that leaves no UTF-8.
    fileprivate var removingPercentEncoding: String {
        guard contains("%") else { return String(self) }
        var bytes: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2, let high = rest.first?.hexValue,
                let low = rest.dropFirst().first?.hexValue
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? String(self)
    }
}

extension UInt8 {
    fileprivate var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }
}
