//! Reads what AWS writes about scaling activities: changes of the desired capacity, and what to do about a failure.

use crate::i18n::Text;

use super::snapshot::Activity;

/// A change of the desired capacity that a cause tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: i64,
    /// From.
    pub from: u32,
    /// To.
    pub to: u32,
    /// What asked for it.
    pub by: By,
}

/// What asked for a change of the desired capacity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// A person or a program.
    User,
    /// An alarm, by its name.
    Alarm(String),
    /// A scheduled action.
    Schedule,
    /// Something else.
    Other,
}

/// Every change of the desired capacity that a cause tells of:
/// `At 2026-11-22T10:00:00Z a user request ... changing the desired capacity from 0 to 1.  At ...`.
pub fn changes(cause: &str) -> Vec<Change> {
    let mut found = Vec::new();
    for sentence in cause.split("At ").filter(|part| part.starts_with("20")) {
        let Some((time, rest)) = sentence.split_once(' ') else { continue };
        let Ok(time) = time.parse::<jiff::Timestamp>() else { continue };
        let Some((_, sizes)) = rest.split_once("changing the desired capacity from ") else { continue };
        let mut numbers = sizes
            .split(|sign: char| !sign.is_ascii_digit())
            .filter(|word| !word.is_empty())
            .filter_map(|w| w.parse().ok());
        let (Some(from), Some(to)) = (numbers.next(), numbers.next()) else { continue };
        let by = if let Some((_, alarm)) = rest.split_once("monitor alarm ") {
            By::Alarm(alarm.split(' ').next().unwrap_or_default().to_owned())
        } else if rest.starts_with("a user request") {
            By::User
        } else if rest.contains("scheduled action") {
            By::Schedule
        } else {
            By::Other
        };
        found.push(Change { at: time.as_millisecond(), from, to, by });
    }
    found
}

/// Why an activity happened, in a few words: `AlarmHigh 1→2`, `user 0→1`.
pub fn short(activity: &Activity) -> Text {
    let Some(change) = changes(&activity.cause).pop() else {
        let cause = activity.cause.as_str();
        return if cause.contains("health check") || cause.contains("unhealthy") {
            Text::new("상태 확인 실패로 교체", "failed a health check, replaced")
        } else if cause.contains("difference between desired and actual") {
            Text::new("원하는 수와 맞추려고", "to match the desired capacity")
        } else {
            Text::default()
        };
    };
    let steps = format!("{}→{}", change.from, change.to);
    match change.by {
        By::Alarm(name) => {
            let alarm = short_alarm(&name);
            Text::same(format!("{alarm} {steps}"))
        }
        By::User => Text::new(format!("사용자 요청 {steps}"), format!("user request {steps}")),
        By::Schedule => Text::new(format!("예약된 작업 {steps}"), format!("scheduled action {steps}")),
        By::Other => Text::same(steps),
    }
}

/// The telling part of an alarm's name: `AlarmHigh` of `TargetTracking-my-asg-AlarmHigh-0b1c...`.
pub fn short_alarm(name: &str) -> &str {
    if name.starts_with("TargetTracking-") {
        if name.contains("-AlarmHigh-") {
            return "AlarmHigh";
        }
        if name.contains("-AlarmLow-") {
            return "AlarmLow";
        }
    }
    name
}

/// What to do about a failed activity, by AWS's sentence; `None` when there is nothing better than that sentence.
pub fn advice(message: &str) -> Option<Text> {
    let has = |words: &[&str]| words.iter().any(|word| message.contains(word));
    Some(if has(&["quota allows for", "vCPU", "VcpuLimitExceeded", "more vCPU capacity"]) {
        Text::new(
            "vCPU 할당량이 찼습니다. 쓰지 않는 인스턴스를 멈추거나 Service Quotas에서 L-1216C47A를 늘리세요",
            "The vCPU quota is full: stop instances you do not use, or raise L-1216C47A in Service Quotas",
        )
    } else if has(&["security group", "InvalidGroup"]) {
        Text::new(
            "시작 템플릿의 보안 그룹이 없습니다. 6.3의 보안 그룹을 다시 만들고 템플릿의 새 버전에 넣으세요",
            "The launch template's security group is gone: make it again (6.3) and put it in a new version",
        )
    } else if has(&["key pair", "InvalidKeyPair"]) {
        Text::new(
            "시작 템플릿의 키 페어가 없습니다. 키 페어를 다시 만들거나 템플릿의 새 버전에서 빼세요",
            "The launch template's key pair is gone: make it again, or leave it out of a new version",
        )
    } else if has(&["image id", "InvalidAMIID", "AMI"]) {
        Text::new(
            "시작 템플릿의 AMI가 없거나 아직 available이 아닙니다. AMI를 확인하고 새 버전에 넣으세요",
            "The launch template's AMI is gone or not available yet: check it and put it in a new version",
        )
    } else if has(&["not supported in your requested Availability Zone", "Unsupported"]) {
        Text::new(
            "이 가용 영역에는 이 인스턴스 유형이 없습니다. 다른 유형이나 다른 가용 영역의 서브넷을 쓰세요",
            "This zone does not offer the instance type: use another type, or subnets of other zones",
        )
    } else if has(&["capacity", "InsufficientInstanceCapacity"]) {
        Text::new(
            "AWS에 남은 용량이 없습니다. 그룹이 스스로 다시 시도합니다. 계속되면 다른 유형이나 가용 영역을 더하세요",
            "AWS has no capacity left: the group tries again by itself; if it goes on, add another type or zone",
        )
    } else if has(&["free addresses", "InsufficientFreeAddresses"]) {
        Text::new(
            "서브넷에 남은 IP 주소가 없습니다. 더 큰 서브넷을 쓰거나 쓰지 않는 인터페이스를 지우세요",
            "The subnet has no free addresses: use a larger one, or delete interfaces you do not use",
        )
    } else if has(&["not authorized", "UnauthorizedOperation", "iam:PassRole"]) {
        Text::new(
            "시작할 권한이 없습니다. 시작 템플릿의 인스턴스 프로파일과 iam:PassRole을 확인하세요",
            "Not allowed to launch: check the template's instance profile and iam:PassRole",
        )
    } else if has(&["launch template", "LaunchTemplate"]) {
        Text::new(
            "시작 템플릿이나 그 버전이 없습니다. 그룹이 쓰는 템플릿을 확인하세요",
            "The launch template or its version is gone: check the template that the group uses",
        )
    } else {
        return None;
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUT: &str = "At 2026-11-22T10:04:05Z a monitor alarm TargetTracking-my-asg-ec2-AlarmHigh-0b1c2d3e in state ALARM triggered policy my-asg-ec2-cpu70 changing the desired capacity from 1 to 2.  At 2026-11-22T10:04:12Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 1 to 2.";

    #[test]
    fn causes_tell_changes_of_the_desired_capacity() {
        let found = changes(OUT);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].from, found[0].to, found[0].at), (1, 2, 1_795_341_845_000));
        assert_eq!(found[0].by, By::Alarm("TargetTracking-my-asg-ec2-AlarmHigh-0b1c2d3e".into()));
        let activity = Activity { cause: OUT.into(), ..Activity::default() };
        assert_eq!(short(&activity).en, "AlarmHigh 1→2");
        assert!(changes("At noon somebody did something.").is_empty());
        let user = Activity {
            cause: "At 2026-11-22T10:00:00Z a user request created an AutoScalingGroup changing the desired capacity from 0 to 1.  At 2026-11-22T10:00:07Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 0 to 1.".into(),
            ..Activity::default()
        };
        assert_eq!(short(&user).en, "user request 0→1");
    }

    #[test]
    fn failures_say_what_to_do() {
        let quota = "You have requested more vCPU capacity than your current vCPU limit of 5 allows for the instance bucket that the specified instance type belongs to. Launching EC2 instance failed.";
        assert!(advice(quota).is_some_and(|text| text.en.contains("L-1216C47A")));
        assert!(
            advice("The security group 'sg-0' does not exist. Launching EC2 instance failed.")
                .is_some_and(|text| text.en.contains("security group"))
        );
        assert_eq!(advice("Something new."), None);
    }
}
