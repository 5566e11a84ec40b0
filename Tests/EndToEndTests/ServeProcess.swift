// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// The real program as a process of its own.
final class ServeProcess: Sendable {
    /// Where the bot listens.
    let base: String
    private let process: Mutex<Process>
    private let ended: Ended

    /// Starts `slack-im serve` and waits until it takes requests.
    static func start(configuration: String) async throws -> ServeProcess {
        let (lines, emit) = AsyncStream.makeStream(of: String.self)
        let started = try launch(
            ["serve", "--config", configuration],
            standardError: { emit.yield($0) },
            onEnd: { emit.finish() }
        )
        var seen: [String] = []
        for await text in lines {
            seen.append(text)
            if let address = seen.joined().firstMatch(of: /address=([0-9.]+:[0-9]+)[^\n]*serving/) {
                return ServeProcess(base: "http://\(address.1)", process: started.process, ended: started.ended)
            }
        }
        throw StageError("serve ended before it served: \(seen.joined())")
    }

    /// Runs another command to its end.
    /// - Returns: Its exit code and standard output.
    static func run(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        let (chunks, emit) = AsyncStream.makeStream(of: Data.self)
        let output = Pipe()
        // Never a blocking read: two such would stop everything that runs in this process.
        output.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                emit.finish()
            } else {
                emit.yield(data)
            }
        }
        let started = try launch(arguments, standardOutput: output, standardError: { _ in }, onEnd: {})
        var data = Data()
        for await chunk in chunks { data.append(chunk) }
        return (await started.ended.wait(), String(decoding: data, as: UTF8.self))
    }

    private init(base: String, process: Process, ended: Ended) {
        self.base = base
        self.process = Mutex(process)
        self.ended = ended
    }

    /// The plug is pulled: no handler runs, nothing is flushed.
    func kill() async {
        process.withLock { process in
            _ = Foundation.kill(process.processIdentifier, SIGKILL)
        }
        _ = await ended.wait()
    }

    /// SIGTERM, as systemd sends it.
    /// - Returns: The exit code.
    func terminate() async -> Int32 {
        process.withLock { $0.terminate() }
        return await ended.wait()
    }

    // MARK: Launching

    /// The program stands beside the tests.
    private static var program: URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("slack-im")
    }

    private static func launch(
        _ arguments: [String],
        standardOutput: Pipe? = nil,
        standardError: @escaping @Sendable (String) -> Void,
        onEnd: @escaping @Sendable () -> Void
    ) throws -> (process: Process, ended: Ended) {
        let process = Process()
        let errors = Pipe()
        let ended = Ended()
        process.executableURL = program
        process.arguments = arguments
        process.standardError = errors
        if let standardOutput { process.standardOutput = standardOutput }
        errors.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                onEnd()
            } else {
                standardError(String(decoding: data, as: UTF8.self))
            }
        }
        process.terminationHandler = { ended.finish($0.terminationStatus) }
        try process.run()
        return (process, ended)
    }
}

/// The end of a process, for everybody who waits for it.
private final class Ended: Sendable {
    private let state = Mutex<(status: Int32?, waiters: [CheckedContinuation<Int32, Never>])>((nil, []))

    func finish(_ status: Int32) {
        let waiters = state.withLock { state in
            state.status = status
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: status) }
    }

    func wait() async -> Int32 {
        await withCheckedContinuation { continuation in
            let known: Int32? = state.withLock { state in
                if state.status == nil { state.waiters.append(continuation) }
                return state.status
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}
