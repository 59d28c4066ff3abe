//! Why a target is as it is, in words a learner can act on.

use crate::i18n::Text;

/// AWS's reason code in words; AWS's own sentence where there is nothing better.
pub fn reason(code: &str, description: &str) -> Text {
    match code {
        "" => Text::default(),
        "Elb.RegistrationInProgress" => {
            Text::new("대상 그룹에 등록하는 중입니다", "being registered with the target group")
        }
        "Elb.InitialHealthChecking" => Text::new("첫 상태 확인을 기다립니다", "waiting for its first health checks"),
        "Target.Timeout" => Text::new(
            "상태 확인에 답이 없습니다. 보안 그룹이 로드 밸런서에서 오는 포트를 여는지 보세요",
            "health checks get no answer: see whether its security group lets the load balancer in",
        ),
        "Target.ResponseCodeMismatch" => Text::new(
            format!("상태 확인 경로가 다른 코드로 답합니다: {description}"),
            format!("the health check path answers another code: {description}"),
        ),
        "Target.FailedHealthChecks" => Text::new(
            "상태 확인에 실패했습니다. 웹 서버가 그 포트에서 듣고 있는지 보세요",
            "health checks fail: see whether the web server listens on the port",
        ),
        "Target.DeregistrationInProgress" => Text::new(
            "빠지는 중입니다. 등록 취소 지연 시간 동안 남은 요청을 마칩니다",
            "draining: it ends its requests during the deregistration delay",
        ),
        "Target.NotInUse" => Text::new(
            "대상 그룹을 쓰는 리스너가 없거나, 로드 밸런서가 이 가용 영역을 쓰지 않습니다",
            "no listener uses the target group, or the load balancer does not use this zone",
        ),
        "Target.InvalidState" => Text::new("인스턴스가 실행 중이 아닙니다", "the instance is not running"),
        "Target.NotRegistered" => Text::new("대상 그룹에 등록되지 않았습니다", "not registered with the target group"),
        "Elb.InternalError" => Text::new("로드 밸런서의 내부 오류입니다", "an internal error of the load balancer"),
        _ if description.is_empty() => Text::same(code),
        _ => Text::same(description),
    }
}
