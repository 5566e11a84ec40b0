// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
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
                // Nobody is let in: who came now would wait for an answer that nobody gives.
                .serverChannelOption(.autoRead, value: false)
                .bind(host: host, port: port)
                .get()
            try await channel.close()
        } catch {
            Terminal.say("cannot listen on \(host):\(port): \(reason(error, port))")
            throw ArgumentParser.ExitCode(2)
        }
    }

    private static func reason(_ error: any Error, _ port: Int) -> String {
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE: "something else is running there; `ss -ltnp` shows what"
        case EACCES, EPERM:
            port < 1024
                ? "only root may have a port below 1024: take a higher one, or see scripts/slack-im.service"
                : "not allowed"
        case EADDRNOTAVAIL: "it is no address of this machine"
        default: "is that an address of this machine?"
        }
    }
}
