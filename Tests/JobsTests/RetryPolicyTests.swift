// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing
import Time

struct RetryPolicyTests {
    @Test(
        arguments: [
            (1, 0, 500), (1, 0.5, 750), (1, 1, 1000), (2, 0, 1000), (2, 1, 2000), (3, 1, 4000), (9, 1, 256_000),
            (10, 0, 150_000), (10, 1, 300_000), (21, 1, 300_000), (1000, 1, 300_000), (Int.max, 0, 150_000),
            // What no caller should ask is answered all the same.
            (0, 0, 500), (-7, 1, 1000), (Int.min, 1, 1000), (1, 7, 1000), (1, -7, 500),
        ] as [(Int, Double, Int64)])
    func `the wait doubles up to its cap, with jitter in the upper half`(attempt: Int, random: Double, wait: Int64) {
        #expect(RetryPolicy().delay(after: attempt, random: random) == .milliseconds(wait))
    }

    @Test(arguments: [(1, 2000), (2, 3000), (3, 3000)] as [(Int, Int64)])
    func `base and cap are its own`(attempt: Int, wait: Int64) {
        let policy = RetryPolicy(base: .seconds(2), cap: .seconds(3))
        #expect(policy.delay(after: attempt, random: 1) == .milliseconds(wait))
    }

    @Test func `a policy of no wait does not wait`() {
        #expect(RetryPolicy(base: .zero, cap: .zero).delay(after: 9, random: 1) == .zero)
    }
}
