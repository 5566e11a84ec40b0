// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import NIOSSL
import Synchronization
package import Time

/// The certificate that new connections of the public port are served with; replaced while the server runs.
package final class ServedCertificate: Sendable {
    /// Why another certificate did not take its place.
    package struct Refusal: Sendable, Hashable {
        package let code: String
        package let detail: String
        package let at: Timestamp

        package init(code: String, detail: String, at: Timestamp) {
            self.code = code
            self.detail = detail
            self.at = at
        }
    }

    private struct State {
        var context: NIOSSLContext
        var end: Timestamp?
        var refusal: Refusal?

        init(_ configuration: TLSConfiguration) throws {
            context = try NIOSSLContext(configuration: configuration)
            if case .certificate(let leaf) = configuration.certificateChain.first {
                end = Timestamp(seconds: Int64(leaf.notValidAfter))
            }
        }
    }

    private let state: Mutex<State>

    /// - Throws: `NIOSSLError` when the certificate and its key cannot be served.
    package init(_ configuration: TLSConfiguration) throws { state = Mutex(try State(configuration)) }

    /// Serves new connections with another certificate; those that are open keep theirs.
    /// - Throws: `NIOSSLError` when it cannot be served: then nothing has changed.
    package func replace(with configuration: TLSConfiguration) throws {
        let new = try State(configuration)
        state.withLock { $0 = new }
    }

    /// Remembers why the certificate stays, until another one takes its place.
    package func keep(because refusal: Refusal) { state.withLock { $0.refusal = refusal } }

    /// When what is served expires.
    package var end: Timestamp? { state.withLock { $0.end } }
    /// Why what was last to take its place has not.
    package var refusal: Refusal? { state.withLock { $0.refusal } }

    var context: NIOSSLContext { state.withLock { $0.context } }
}
