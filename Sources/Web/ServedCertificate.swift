// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import NIOSSL
import Synchronization

/// The certificate that new connections of the public port are served with; replaced while the server runs.
package final class ServedCertificate: Sendable {
    private let current: Mutex<NIOSSLContext>

    /// - Throws: `NIOSSLError` when the certificate and its key cannot be served.
    package init(_ configuration: TLSConfiguration) throws {
        current = Mutex(try NIOSSLContext(configuration: configuration))
    }

    /// Serves new connections with another certificate; those that are open keep theirs.
    /// - Throws: `NIOSSLError` when it cannot be served: then nothing has changed.
    package func replace(with configuration: TLSConfiguration) throws {
        let context = try NIOSSLContext(configuration: configuration)
        current.withLock { $0 = context }
    }

    var context: NIOSSLContext { current.withLock { $0 } }
}
