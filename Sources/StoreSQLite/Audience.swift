// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Store

/// Those who wait for a commit, by where they are told of it.
struct Audience {
    private struct Listener: Sendable {
        let submission: any Submission
        /// What its body has thrown.
        let thrown: (any Error)?
    }

    private struct Group {
        let courier: Courier?
        var listeners: [Listener]
    }

    private var groups: [Group] = []

    init() {}

    /// - Parameter errors: What the first bodies have thrown; the others were not run.
    init(_ submissions: ArraySlice<any Submission>, _ errors: [(any Error)?]) {
        for (place, submission) in zip(0..., submissions) {
            let listener = Listener(submission: submission, thrown: place < errors.count ? errors[place] : nil)
            let courier = submission.courier
            // There are as many couriers as threads.
            if let group = groups.firstIndex(where: { $0.courier == courier }) {
                groups[group].listeners.append(listener)
            } else {
                groups.append(Group(courier: courier, listeners: [listener]))
                groups[groups.count - 1].listeners.reserveCapacity(submissions.count)
            }
        }
    }

    /// The disk is about to be asked.
    func prepare() {
        for group in groups {
            group.courier?.carry { [listeners = group.listeners] in
                for listener in listeners where listener.thrown == nil { listener.submission.committing() }
            }
        }
    }

    /// The commit has ended.
    func hear(_ failure: StoreError?) {
        for group in groups {
            let tell = { @Sendable [listeners = group.listeners] in
                for listener in listeners { listener.submission.ended(listener.thrown ?? failure) }
            }
            if let courier = group.courier { courier.carry(tell) } else { tell() }
        }
    }
}
