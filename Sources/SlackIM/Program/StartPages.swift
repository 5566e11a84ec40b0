// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Memory that only the start needed.
///
/// A start goes through most of the program once: its options, its configuration, which type conforms to what. Those
/// pages of code would stay resident for weeks although nobody reads them again.
enum StartPages {
    /// Gives back the pages of code that are resident; what is needed again comes from its file.
    ///
    /// Does nothing where the system does not tell what is mapped.
    static func giveBack() {
        #if os(Linux)
        guard let map = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else { return }
        for region in code(in: map) {
            let start = unsafe UnsafeMutableRawPointer(bitPattern: region.lowerBound)
            _ = unsafe madvise(start, region.count, MADV_DONTNEED)
        }
        #endif
    }

    /// Where files are mapped that are run and never written to, so that no page there differs from its file.
    /// - Parameter map: As `proc_pid_maps(5)` has it.
    static func code(in map: String) -> [Range<UInt>] {
        map.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 5)
            guard words.count == 6, words[1] == "r-xp", words[5].contains("/") else { return nil }
            let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            return ends.count == 2 && ends[0] < ends[1] ? ends[0]..<ends[1] : nil
        }
    }
}
