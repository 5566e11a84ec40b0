// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import NIOCore
import NIOPosix

/// The address that a command is to listen on.
enum ListeningAddress {
    /// Tries the address before anything is opened, so that a port in use is said in a sentence.
    /// - Throws: `ExitCode` 2.
    static func check(host: String, port: Int) async throws {
        do {
            let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: host, port: port)
                .get()
            try await channel.close()
        } catch {
            Terminal.say("cannot listen on \(host):\(port): is something else running there?")
            throw ArgumentParser.ExitCode(2)
        }
    }
}
