// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Synchronization

/// What can go wrong in this room.
package enum SigningError: String, Error, Sendable {
    /// A key without bytes: everybody could sign with it.
    case emptyKey = "signing.empty_key"
    /// libcrypto refused a call, for want of memory, entropy or the algorithm.
    case openSSL = "signing.openssl"
}

/// HMAC-SHA256 (RFC 2104, FIPS 198-1) under one key, on OpenSSL's `EVP_MAC`.
///
/// The algorithm is fetched once a process and the key is scheduled once; each message takes a keyed context from a
/// small pool and only resets it. Safe to use from any thread.
package final class HMACSHA256: Sendable {
    /// Bytes of a tag.
    package static let tagLength = 32

    private let pool: Mutex<Pool>

    /// - Throws: ``SigningError/emptyKey`` or ``SigningError/openSSL``.
    package init(key: some Collection<UInt8>) throws(SigningError) {
        guard !key.isEmpty else { throw .emptyKey }
        guard let algorithm = unsafe Self.algorithm.pointer, let template = unsafe EVP_MAC_CTX_new(algorithm) else {
            throw .openSSL
        }
        let keyBytes = Array(key)
        guard unsafe slackim_hmac_sha256_key(template, keyBytes, keyBytes.count) == 1 else {
            unsafe EVP_MAC_CTX_free(template)
            throw .openSSL
        }
        pool = unsafe Mutex(Pool(template: template))
    }

    deinit {
        pool.withLock { pool in
            unsafe pool.idle.forEach { context in unsafe EVP_MAC_CTX_free(context) }
            unsafe EVP_MAC_CTX_free(pool.template)
        }
    }

    /// The tag of a message, or of one that begins with a prefix: 32 bytes.
    /// - Throws: ``SigningError/openSSL``.
    package func tag(of message: [UInt8], after prefix: [UInt8] = []) throws(SigningError) -> [UInt8] {
        guard let context = unsafe borrow() else { throw .openSSL }
        var tag = [UInt8](repeating: 0, count: Self.tagLength)
        var written = 0
        let ok =
            unsafe slackim_hmac_reset(context) == 1
            && (prefix.isEmpty || EVP_MAC_update(context, prefix, prefix.count) == 1)
            && (message.isEmpty || EVP_MAC_update(context, message, message.count) == 1)
            && EVP_MAC_final(context, &tag, &written, tag.count) == 1 && written == Self.tagLength
        unsafe giveBack(context)
        guard ok else { throw .openSSL }
        return tag
    }

    /// Whether the tag belongs to the message, compared in constant time.
    ///
    /// A tag of another length never does.
    package func isValid(
        _ tag: [UInt8],
        of message: [UInt8],
        after prefix: [UInt8] = []
    ) throws(SigningError) -> Bool {
        ConstantTime.equal(try self.tag(of: message, after: prefix), tag)
    }

    // MARK: Contexts

    private static let idleLimit = 16

    private func borrow() -> OpaquePointer? {
        unsafe pool.withLock { pool in
            // Copying under the lock: nothing says that a context may be copied by two threads at once.
            unsafe (pool.idle.popLast() ?? EVP_MAC_CTX_dup(pool.template)).map { unsafe Handle(pointer: $0) }
        }?.pointer
    }

    private func giveBack(_ context: OpaquePointer) {
        let handle = unsafe Handle(pointer: context)
        pool.withLock { pool in
            if unsafe pool.idle.count < Self.idleLimit {
                unsafe pool.idle.append(handle.pointer)
            } else {
                unsafe EVP_MAC_CTX_free(handle.pointer)
            }
        }
    }

    @safe private struct Pool {
        let template: OpaquePointer
        var idle: [OpaquePointer] = unsafe []
    }

    /// A context on its way between the pool and the one thread that uses it.
    @safe private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// `EVP_MAC_fetch` is a locked look-up; the object it returns is immutable and lives as long as the process.
    @safe private struct Algorithm: @unchecked Sendable {
        let pointer: OpaquePointer?
    }

    private static let algorithm = unsafe Algorithm(pointer: EVP_MAC_fetch(nil, OSSL_MAC_NAME_HMAC, nil))
}
