// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import SlackIM

/// What may stand where a file is expected: nothing of it is waited for without end, or read without end.
@Suite("Files that the configuration consists of")
struct ConfigurationFileTests {
    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    private func path(_ name: String) -> String { directory.appending(path: name).path() }

    private func pipe() -> String {
        let path = path("pipe")
        #expect(unsafe mkfifo(path, 0o600) == 0)
        return path
    }

    /// Why a file cannot be read.
    private func failure(_ path: String, isLasting: Bool = false) -> String {
        do throws(ConfigurationFile.Failure) {
            let patience = Duration.milliseconds(50)
            _ = try isLasting ? ConfigurationFile.lasting(path) : ConfigurationFile.onDisk(path, patience: patience)
            return "read"
        } catch {
            return error.description
        }
    }

    @Test("what is no file is refused, and said to be what it is")
    func noFiles() {
        defer { try? FileManager.default.removeItem(at: directory) }
        #expect(failure(directory.path()) == "it is a directory, not a file")
        #expect(failure("/dev/zero") == "it is a device, not a file")
        #expect(failure(path("none")) == "No such file or directory")
        #expect(failure(pipe(), isLasting: true) == "it is a pipe, not a file")
    }

    @Test("a pipe that nobody writes into is not waited for without end")
    func silentPipe() {
        defer { try? FileManager.default.removeItem(at: directory) }
        let pipe = pipe()
        #expect(failure(pipe) == "it is a pipe, and nobody writes into it")
        // Nor when somebody has it open and says nothing.
        let writer = unsafe open(pipe, O_RDWR)
        defer { close(writer) }
        #expect(failure(pipe) == "it is a pipe, and nobody writes into it")
        // Nor when they say something, and go on having it open.
        #expect(unsafe write(writer, "targets", 7) == 7)
        #expect(failure(pipe) == "it is a pipe, and does not come to its end")
    }

    @Test("a pipe is read to its end, whoever opens it first")
    func pipes() async throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let pipe = pipe()
        let text = String(repeating: "targets: []\n", count: 20_000)
        let writing = Task.detached { try Data(text.utf8).write(to: URL(filePath: pipe), options: []) }
        let file = try await Task.detached { try ConfigurationFile.onDisk(pipe) }.value
        try await writing.value
        #expect(file.bytes == Array(text.utf8) && file.isPipe)
    }

    @Test("a file that is read again later must not be a pipe; a secret, which is read once, may be one")
    func pipesInTheConfiguration() {
        defer { try? FileManager.default.removeItem(at: directory) }
        func problems(_ line: String) -> [String] {
            do throws(ConfigurationError) {
                _ = try SlackIMConfiguration.parse(
                    text: ConfigurationSample.target(line),
                    file: "slack-im.yaml",
                    environment: ConfigurationSample.environment
                ) { _ in ConfigurationFile(bytes: Array(Certificates.first.utf8.filter { $0 > 0x20 }), isPipe: true) }
                return []
            } catch {
                return error.problems.map(\.message)
            }
        }
        #expect(problems("ca_file: pipe") == ["cannot read pipe: it is a pipe, not a file"])
        #expect(problems("auth: {bearer: \"file:pipe\"}") == [])
    }
}
