// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// What the bodies that share a commit leave to it, each behind what the ones before it left.
final class CommitDraft {
    /// Where a body begins.
    struct Mark {
        let takenIn: Int
        let noted: Int
        let moved: Int
    }

    /// To be written into the intake.
    var takenIn: [IntakeEntry] = []
    /// Deliveries that the writer remembers.
    var noted: [KeyDigest] = []
    /// Deliveries that have their own row now.
    var moved: [KeyDigest] = []

    var end: Mark { Mark(takenIn: takenIn.count, noted: noted.count, moved: moved.count) }

    /// Forgets a body, the last one.
    /// - Returns: The deliveries that the writer remembers for it.
    func removeAll(since mark: Mark) -> [KeyDigest] {
        takenIn.removeSubrange(mark.takenIn...)
        moved.removeSubrange(mark.moved...)
        defer { noted.removeSubrange(mark.noted...) }
        return Array(noted[mark.noted...])
    }

    func takeTakenIn(since mark: Mark) -> [IntakeEntry] {
        guard takenIn.count > mark.takenIn else { return [] }
        defer { takenIn.removeSubrange(mark.takenIn...) }
        return Array(takenIn[mark.takenIn...])
    }
}
