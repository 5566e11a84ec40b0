// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Jobs
package import Provisioning
package import Slack
package import Store

extension StoreError: CodedFailure {
    package var failureCode: String { code.rawValue }
}

extension TargetError: CodedFailure {
    package var failureCode: String { code.rawValue }
}

extension SourceError: CodedFailure {
    package var failureCode: String { code.rawValue }
}

extension WebAPIError: CodedFailure {
    package var failureCode: String {
        switch code {
        case .unreachable: "slack.unreachable"
        case .rateLimited: "slack.rate_limited"
        case .server: "slack.server"
        case .refused: "slack.refused"
        case .forbiddenHost: "slack.forbidden_host"
        }
    }
}
