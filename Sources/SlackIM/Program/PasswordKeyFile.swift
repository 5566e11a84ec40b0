// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Provisioning
import Signing

/// The key that initial passwords are derived from, generated at the first start.
enum PasswordKeyFile {
    /// - Throws: ``ProgramError`` when the file can be neither read nor written.
    static func passwords(_ configuration: PasswordKeyConfiguration) throws -> InitialPassword {
        switch configuration {
        case .given(let key): try InitialPassword(key: Array(key.revealed.utf8))
        case .generated(let path): try InitialPassword(key: Array(try read(path) ?? generate(path)))
        }
    }

    /// - Returns: `nil` when there is no such file.
    private static func read(_ path: String) throws -> [UInt8]? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let file: ConfigurationFile
        do throws(ConfigurationFile.Failure) {
            file = try ConfigurationFile.lasting(path)
        } catch {
            throw ProgramError("password_key.unreadable", "the password key \(path) cannot be read: \(error)")
        }
        let key = Array(String(decoding: file.bytes, as: UTF8.self).filter { !$0.isWhitespace }.utf8)
        guard !key.isEmpty else {
            throw ProgramError(
                "password_key.empty",
                "the password key \(path) is empty; restore it from a backup, or remove it for new passwords"
            )
        }
        return key
    }

    private static func generate(_ path: String) throws -> [UInt8] {
        let key = Array(Hex.encode(try RandomBytes.generate(32)).utf8)
        let isWritten = FileManager.default.createFile(
            atPath: path,
            contents: Data(key),
            attributes: [.posixPermissions: 0o600]
        )
        guard isWritten else {
            throw ProgramError("password_key.unwritable", "the password key \(path) cannot be written")
        }
        return key
    }
}
