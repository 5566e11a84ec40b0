// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Store

/// Those who wait for a commit, by where they are told of it.
struct Audience {
    private struct Listener: Sendable {
        /// Of its body in the batch.
        let place: Int
        let submission: any Submission
    }

    private struct Group {
        let messenger: Messenger?
        var listeners: [Listener] = []
    }

    private var groups: [Group] = []

    init(_ submissions: [any Submission]) {
        for (place, submission) in submissions.enumerated() {
            let messenger = submission.messenger
            // There are as many of them as threads.
            let known = groups.firstIndex { $0.messenger == messenger }
            if known == nil { groups.append(Group(messenger: messenger)) }
            groups[known ?? groups.count - 1].listeners.append(Listener(place: place, submission: submission))
        }
    }

    /// The disk is about to be asked.
    /// - Parameter errors: What the bodies have thrown that ran, which are the first ones.
    func prepare(_ errors: [(any Error)?]) {
        for group in groups {
            group.messenger?.carry { [listeners = group.listeners] in
                for listener in listeners where listener.place < errors.count && errors[listener.place] == nil {
                    listener.submission.committing()
                }
            }
        }
    }

    /// The commit has ended: everybody hears of a failure, else those whose bodies ran.
    func hear(_ errors: [(any Error)?], _ failure: StoreError?) {
        for group in groups {
            group.messenger.carry { [listeners = group.listeners] in
                for listener in listeners {
                    if listener.place < errors.count {
                        listener.submission.ended(errors[listener.place] ?? failure)
                    } else if let failure {
                        listener.submission.ended(failure)
                    }
                }
            }
        }
    }
}
