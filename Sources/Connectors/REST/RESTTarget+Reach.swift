// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

package import Provisioning

extension RESTTarget: PlainlyReachable {
    /// A plain `GET` of the address.
    ///
    /// Whatever a live service answers to that will do, 405 too; a web page with a success is somebody else, such as
    /// the page of a proxy or an installer.
    package func reachPlainly() async throws(TargetError) {
        let operation = RESTTargetConfiguration.Operation(method: "GET")
        switch try await send(operation) {
        case .failure(let error) where error.code == .redirected:
            throw TargetError(.misconfigured, error.detail, status: error.status)
        case .failure(let error):
            throw TargetError(.unreachable, error.detail, status: error.status)
        case .success(let answer) where answer.status == 401 || answer.status == 403:
            throw TargetError(
                .unauthorized, "the target refuses our credentials (\(answer.status))", status: answer.status)
        case .success(let answer) where answer.isTransient:
            throw TargetError(.unreachable, "the target answered \(answer.status)", status: answer.status)
        case .success(let answer) where answer.isSuccess && answer.looksLikeHTML:
            throw TargetError(.misconfigured, "the target answered with a web page", status: answer.status)
        case .success: return
        }
    }
}
