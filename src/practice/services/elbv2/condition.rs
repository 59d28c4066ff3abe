//! Conditions of rules: path-pattern and host-header.

use super::Call;
use super::errors::invalid;
use crate::practice::services::ApiError;
use crate::practice::wire::query::View;
use crate::practice::wire::xml::Element;
use crate::practice::world::balancing::Condition;

/// A rule has at most so many values in its conditions.
const MOST: usize = 5;

impl Call<'_> {
    /// The conditions of the request, checked; none: the request names none.
    pub(super) fn conditions(&self) -> Result<Option<Vec<Condition>>, ApiError> {
        let views = self.params.structs("Conditions");
        if views.is_empty() {
            return Ok(None);
        }
        let mut conditions: Vec<Condition> = Vec::new();
        let mut values = 0;
        for view in &views {
            let condition = one(view)?;
            let (Condition::Host(patterns) | Condition::Path(patterns)) = &condition;
            values += patterns.len();
            let same = |other: &Condition| std::mem::discriminant(other) == std::mem::discriminant(&condition);
            if conditions.iter().any(same) {
                return Err(invalid(format!(
                    "A rule can have one condition of the field '{}' only",
                    field(&condition)
                )));
            }
            conditions.push(condition);
        }
        if values > MOST {
            return Err(invalid(format!("A rule can have at most {MOST} condition values")));
        }
        Ok(Some(conditions))
    }
}

fn one(view: &View<'_>) -> Result<Condition, ApiError> {
    let field = view.required("Field")?;
    let config = match field {
        "path-pattern" => "PathPatternConfig",
        "host-header" => "HostHeaderConfig",
        "http-header" | "http-request-method" | "query-string" | "source-ip" => {
            return Err(ApiError::not_simulated(format_args!("conditions of the field {field}")));
        }
        other => {
            return Err(invalid(format!(
                "Condition field '{other}' must be one of '[path-pattern,host-header,http-header,http-request-method,query-string,source-ip]'"
            )));
        }
    };
    let (plain, configured) = (view.list("Values"), view.sub(config).list("Values"));
    if !plain.is_empty() && !configured.is_empty() && plain != configured {
        return Err(invalid(format!(
            "You cannot provide both Values and '{config}' for a condition of type '{field}'"
        )));
    }
    let values = if configured.is_empty() { plain } else { configured };
    if values.is_empty() {
        return Err(invalid("A condition value must be specified"));
    }
    for value in &values {
        if value.is_empty() || value.len() > 128 {
            return Err(invalid(format!("The '{field}' value is too long; the limit is '128'")));
        }
        let extra = if field == "host-header" { "-.*?" } else { "_-.$/~\"'@:+&()!,;=*?%" };
        if let Some(wrong) = value.chars().find(|c| !c.is_ascii_alphanumeric() && !extra.contains(*c)) {
            return Err(invalid(format!("The '{field}' value '{value}' contains the invalid character '{wrong}'")));
        }
    }
    let values = values.into_iter().map(str::to_owned).collect();
    Ok(if field == "host-header" { Condition::Host(values) } else { Condition::Path(values) })
}

fn field(condition: &Condition) -> &'static str {
    match condition {
        Condition::Host(_) => "host-header",
        Condition::Path(_) => "path-pattern",
    }
}

/// A condition as the member of a list.
pub(super) fn item(condition: &Condition) -> Element {
    let (config, values) = match condition {
        Condition::Host(values) => ("HostHeaderConfig", values),
        Condition::Path(values) => ("PathPatternConfig", values),
    };
    let members = || values.iter().map(|value| Element::leaf_of("member", value));
    Element::new("member")
        .leaf("Field", field(condition))
        .members("Values", members())
        .child(Element::new(config).members("Values", members()))
}
