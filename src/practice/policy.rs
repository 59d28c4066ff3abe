//! An IAM policy that the practice cloud enforces on the learner: what is allowed, by action.
//!
//! Promises: IAM's rule: what no statement allows is denied, and an explicit Deny wins. Actions may have `*` and `?`, in any case.
//! Resources are read and not looked at: a statement counts for every resource. What would make it mean something else (`Condition`,
//! `NotResource`) is refused when the policy is read.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::shell::matches;

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    statements: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Statement {
    allow: bool,
    /// Patterns in lower case.
    actions: Vec<String>,
    /// `NotAction`: everything but these.
    but: bool,
}

/// What a policy says of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Some statement allows it, and none denies it.
    Allowed,
    /// No statement allows it.
    NotAllowed,
    /// A statement denies it.
    Denied,
}

impl Policy {
    /// Reads a policy document. The error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document: Value = serde_json::from_str(text).map_err(|error| format!("the policy is not JSON: {error}"))?;
        let statements = match document.get("Statement") {
            Some(Value::Array(list)) => list.clone(),
            Some(one @ Value::Object(_)) => vec![one.clone()],
            _ => return Err("the policy has no Statement".to_owned()),
        };
        statements.iter().map(Statement::read).collect::<Result<_, _>>().map(|statements| Self { statements })
    }

    /// What it says of an action: `ec2:CreateVpc`.
    pub fn verdict(&self, action: &str) -> Verdict {
        let action = action.to_ascii_lowercase();
        let hit = |allow: bool| self.statements.iter().any(|one| one.allow == allow && one.covers(&action));
        match (hit(false), hit(true)) {
            (true, _) => Verdict::Denied,
            (false, true) => Verdict::Allowed,
            (false, false) => Verdict::NotAllowed,
        }
    }
}

impl Statement {
    fn read(value: &Value) -> Result<Self, String> {
        let known = ["Sid", "Effect", "Action", "NotAction", "Resource"];
        let members = value.as_object().ok_or("a statement is not an object")?;
        if let Some(name) = members.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("the practice cloud does not simulate {name} in a policy"));
        }
        let allow = match value["Effect"].as_str() {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err("Effect must be Allow or Deny".to_owned()),
        };
        let (list, but) = match (value.get("Action"), value.get("NotAction")) {
            (Some(list), None) => (list, false),
            (None, Some(list)) => (list, true),
            _ => return Err("a statement needs either Action or NotAction".to_owned()),
        };
        let actions: Option<Vec<String>> = match list {
            Value::String(one) => Some(vec![one.to_ascii_lowercase()]),
            Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_ascii_lowercase)).collect(),
            _ => None,
        };
        let actions = actions.ok_or("Action must be a text or a list of texts")?;
        if let Some(wrong) = actions.iter().find(|action| *action != "*" && !action.contains(':')) {
            return Err(format!("{wrong} is not an action: service:Operation"));
        }
        Ok(Self { allow, actions, but })
    }

    fn covers(&self, action: &str) -> bool {
        self.actions.iter().any(|pattern| matches(pattern, action)) != self.but
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn deny_wins_and_silence_denies() {
        let policy = Policy::parse(
            r#"{"Version":"2012-10-17","Statement":[
                {"Effect":"Allow","Action":["ec2:Describe*","ec2:Create?pc","ssm:*"],"Resource":"*"},
                {"Sid":"No","Effect":"Deny","Action":"ssm:SendCommand","Resource":"*"}]}"#,
        )
        .unwrap();
        for (action, verdict) in [
            ("ec2:DescribeVpcs", Verdict::Allowed),
            ("EC2:createVPC", Verdict::Allowed),
            ("ec2:CreateSubnet", Verdict::NotAllowed),
            ("ssm:GetParameter", Verdict::Allowed),
            ("ssm:SendCommand", Verdict::Denied),
        ] {
            assert_eq!(policy.verdict(action), verdict, "{action}");
        }
        let all_but = Policy::parse(r#"{"Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}"#).unwrap();
        assert_eq!(all_but.verdict("ec2:RunInstances"), Verdict::Allowed);
        assert_eq!(all_but.verdict("iam:CreateRole"), Verdict::NotAllowed);
    }

    #[test]
    fn what_is_not_simulated_is_refused() {
        for (text, says) in [
            ("{", "JSON"),
            ("{}", "Statement"),
            (r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{}}}"#, "Condition"),
            (r#"{"Statement":{"Effect":"allow","Action":"*"}}"#, "Effect"),
            (r#"{"Statement":{"Effect":"Allow","Action":"RunInstances"}}"#, "runinstances"),
            (r#"{"Statement":{"Effect":"Allow"}}"#, "Action"),
        ] {
            assert!(Policy::parse(text).unwrap_err().contains(says), "{text}");
        }
    }
}
