// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Compression
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// How large a body may be.
struct BodyLimit: Sendable {
    /// Bytes as they are sent.
    var sent: Int
    /// Bytes once they are unpacked.
    var unpacked: Int

    init(sent: Int, unpacked: Int? = nil) {
        self.sent = sent
        self.unpacked = unpacked ?? sent
    }
}

/// Why a body is not looked at.
enum BodyProblem: Error, Hashable {
    /// More than so many bytes, before or after unpacking.
    case tooLarge(Int)
    /// A `Content-Encoding` that is not spoken here.
    case unsupportedCoding
    /// Not what its `Content-Encoding` says.
    case corrupt
}

/// Reads bodies whole, unpacked, and within limits.
///
/// Small ones at once; of the large ones only so many at a time, because each is held in memory: the others wait at the
/// door, where they cost nothing.
final class BodyReader: Sendable {
    /// Bodies up to this need not wait.
    static let small = 1 << 20

    private let turnstile: Turnstile

    /// - Parameter large: Large bodies that are held at the same time.
    init(large: Int = 4) { turnstile = Turnstile(large) }

    /// Reads a body and hands it on; a large one keeps its place until that is done.
    /// - Throws: ``BodyProblem``, and what the connection and the closure throw.
    func read<Result: Sendable>(
        _ request: Request,
        _ limit: BodyLimit,
        _ use: ([UInt8]) async throws -> Result
    ) async throws -> Result {
        let length = request.headers[.contentLength].flatMap { Int($0) }
        if let length, length > limit.sent { throw BodyProblem.tooLarge(limit.sent) }
        let codings: [ContentCoding]
        do {
            codings = try ContentCoding.read(request.headers[values: .contentEncoding])
        } catch {
            throw BodyProblem.unsupportedCoding
        }

        var isLarge = false
        defer { if isLarge { turnstile.leave() } }
        func enlarge() async {
            if isLarge { return }
            await turnstile.enter()
            isLarge = true
        }
        if let length, length > Self.small { await enlarge() }
        var packed: [UInt8] = []
        packed.reserveCapacity(min(length ?? 0, limit.sent))
        for try await part in request.body {
            guard packed.count + part.readableBytes <= limit.sent else { throw BodyProblem.tooLarge(limit.sent) }
            if packed.count + part.readableBytes > Self.small { await enlarge() }
            packed += part.readableBytesView
        }
        if codings.isEmpty {
            guard packed.count <= limit.unpacked else { throw BodyProblem.tooLarge(limit.unpacked) }
            return try await use(packed)
        }
        let unpacked: [UInt8]
        do {
            unpacked = try Self.unpack(packed, codings, isLarge ? limit.unpacked : min(limit.unpacked, Self.small))
        } catch BodyProblem.tooLarge where !isLarge && limit.unpacked > Self.small {
            // It is larger inside than it looked.
            await enlarge()
            unpacked = try Self.unpack(packed, codings, limit.unpacked)
        }
        return try await use(unpacked)
    }

    private static func unpack(_ bytes: [UInt8], _ codings: [ContentCoding], _ limit: Int) throws -> [UInt8] {
        do {
            return try Decompressor.decompress(bytes, codings, limits: DecompressionLimits(bytes: limit))
        } catch .tooLarge {
            throw BodyProblem.tooLarge(limit)
        } catch {
            throw BodyProblem.corrupt
        }
    }
}

/// Lets only so many in at a time; the others wait in their order.
private final class Turnstile: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(_ places: Int) { state = Mutex(State(free: places)) }

    func enter() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiting.isEmpty {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
