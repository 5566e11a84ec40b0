// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs
import Provisioning
import Slack
import Store
import Testing
import Work

/// Under which code a failed try of a job is kept: one that the troubleshooting chapter explains.
@Suite struct CodedFailuresTests {
    static let failures: [(any CodedFailure, String)] = [
        (StoreError(.full, "no space"), "store.full"),
        (TargetError(.unreachable, "away"), "target.unreachable"),
        (TargetError(.rateLimited, "slowly"), "target.rate_limited"),
        (SourceError(.incomplete, "gaps"), "source.incomplete"),
        (WebAPIError(.unreachable(mayHaveHappened: true), detail: "away"), "slack.unreachable"),
        (WebAPIError(.rateLimited, detail: "slowly"), "slack.rate_limited"),
        (WebAPIError(.server, detail: "500"), "slack.server"),
        (WebAPIError(.refused("not_in_channel"), detail: "not_in_channel"), "slack.refused"),
        (WebAPIError(.forbiddenHost, detail: "elsewhere"), "slack.forbidden_host"),
    ]

    @Test("Every error of the outside has its code", arguments: failures.indices)
    func code(place: Int) {
        let (failure, code) = Self.failures[place]
        #expect(failure.failureCode == code)
    }
}
