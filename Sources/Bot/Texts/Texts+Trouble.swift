// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// What went wrong, for people.
///
/// The details are told in English wherever they come from: logs, scripts and the command line read them, too. Who reads
/// another language is told first what kind of trouble it is.
extension Texts {
    /// - Parameters:
    ///   - code: The stable word for it.
    ///   - detail: What was found.
    package func trouble(_ code: String?, _ detail: String?) -> String {
        let detail = detail ?? code ?? ""
        guard language == .korean, let kind = code.flatMap({ Self.korean[$0] }) else { return detail }
        return detail.isEmpty ? kind : "\(kind) (\(detail))"
    }

    private static let korean = [
        "target.unauthorized": "대상 시스템이 인증 정보를 거부했습니다",
        "target.unreachable": "대상 시스템에 연결할 수 없거나 오류로 응답합니다",
        "target.misconfigured": "대상 시스템의 주소나 응답 형식이 설정과 다릅니다",
        "target.rate_limited": "대상 시스템이 요청을 줄여 달라고 합니다",
        "target.gone": "계정이 대상 시스템에 없습니다",
        "target.rejected": "대상 시스템이 요청을 거부했습니다",
        "target.uncertain": "응답이 없어 처리되었는지 알 수 없습니다",
        "target.unsupported": "대상 시스템이 지원하지 않는 작업입니다",
        "target.unknown": "그런 대상 시스템이 없습니다",
        "target.not_ready": "대상 시스템이 아직 준비되지 않았습니다",
        "source.unavailable": "지금은 Slack에서 회원을 읽을 수 없습니다",
        "source.refused": "Slack이 요청을 거부했습니다",
        "source.incomplete": "회원 목록을 끝까지 읽지 못했습니다",
        "source.below_floor": "회원 목록이 지난번보다 너무 짧습니다",
        "run.interrupted": "끝나기 전에 중단되었습니다",
        "run.abandoned": "실행 도중 프로그램이 종료되었습니다",
        "decision.unknown_target": "그런 대상 시스템이 없습니다",
        "decision.unknown_member": "알 수 없는 회원입니다",
        "decision.key_missing": "이 회원의 키 값이 없습니다",
        "decision.account_not_found": "대상 시스템에 그런 계정이 없습니다",
        "decision.key_taken": "다른 회원의 계정입니다",
        "decision.protected": "보호된 계정입니다",
        "decision.not_linked": "관리 중인 계정이 아닙니다",
        "decision.would_be_adopted": "adopt: always 설정이라 다시 연결됩니다",
        "decision.nothing_to_restore": "되돌릴 계정이 없습니다",
        "decision.deleted": "이미 삭제된 계정입니다",
        "decision.unknown_plan": "그런 보류 계획이 없습니다",
        "decision.plan_decided": "이미 결정된 계획입니다",
        "decision.plan_expired": "만료된 계획입니다",
    ]
}
