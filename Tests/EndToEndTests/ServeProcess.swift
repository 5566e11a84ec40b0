// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

/// The real program as a process of its own.
///
/// Nobody waits longer for it than the test may take: then it is killed.
final class ServeProcess: Sendable {
    /// Where the bot listens.
    let base: String
    private let child: Child

    /// Starts `slack-im serve` and waits until it takes requests.
    static func start(
        configuration: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> ServeProcess {
        let child = try Child(["serve", "--config", configuration])
        for await text in child.errors.texts {
            if let address = text.firstMatch(of: /address=([0-9.]+:[0-9]+)[^\n]*serving/) {
                return ServeProcess(base: "http://\(address.1)", child: child)
            }
        }
        child.kill()
        let problem = "before it served; it said: \(child.errors.text)"
        try checkTime(problem, sourceLocation)
        throw StageError("serve ended \(problem)")
    }

    /// Runs another command to its end.
    /// - Returns: Its exit code and standard output.
    static func run(
        _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> (status: Int32, output: String) {
        let output = Pipe()
        let child = try Child(arguments, standardOutput: output)
        let printed = Reading(output)
        for await _ in printed.texts {}
        let status = await child.wait()
        let command = arguments.joined(separator: " ")
        try checkTime("before '\(command)' did; it said: \(child.errors.text)", sourceLocation)
        return (status, printed.text)
    }

    /// Says what was waited for when the test's time is over: nobody shows the error of a test that took too long.
    private static func checkTime(_ problem: String, _ sourceLocation: SourceLocation) throws {
        guard Task.isCancelled else { return }
        Issue.record("the test's time ended \(problem)", sourceLocation: sourceLocation)
        throw CancellationError()
    }

    private init(base: String, child: Child) {
        self.base = base
        self.child = child
    }

    /// A test that fails half-way leaves no process behind.
    deinit { child.kill() }

    /// The plug is pulled: no handler runs, nothing is flushed.
    func kill() async {
        child.kill()
        _ = await child.wait()
    }

    /// SIGTERM, as systemd sends it.
    /// - Returns: The exit code.
    func terminate() async -> Int32 {
        child.terminate()
        return await child.wait()
    }
}

/// A process of the program that stands beside the tests.
private final class Child: Sendable {
    let errors: Reading
    private let process: Mutex<Process>
    private let ended: Ended

    init(_ arguments: [String], standardOutput: Pipe? = nil) throws {
        let process = Process()
        let errors = Pipe()
        let ended = Ended()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("slack-im")
        process.arguments = arguments
        process.standardError = errors
        if let standardOutput { process.standardOutput = standardOutput }
        process.terminationHandler = { ended.finish($0.terminationStatus) }
        try process.run()
        self.errors = Reading(errors)
        self.process = Mutex(process)
        self.ended = ended
    }

    func kill() {
        process.withLock { process in
            if process.isRunning { _ = Foundation.kill(process.processIdentifier, SIGKILL) }
        }
    }

    func terminate() { process.withLock { $0.terminate() } }

    /// Waits for the end, which comes at once when the waiting task is cancelled.
    /// - Returns: The exit code, or the number of the signal.
    func wait() async -> Int32 {
        await withTaskCancellationHandler {
            await ended.wait()
        } onCancel: {
            kill()
        }
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
