//! AWS Secrets Manager, as far as RDS uses it: the secrets in which it keeps the master passwords that it manages.
//!
//! Promises: a secret lives as long as its DB instance and can be read. Not simulated: secrets of one's own, rotation.

use serde_json::{Value, json};

use super::{ApiError, Request};
use crate::practice::wire::members::Members;
use crate::practice::world::database::{Database, Secret};
use crate::practice::world::{Region, World};

/// Answers one of its operations.
pub fn handle(world: &mut World, request: &Request<'_>) -> Result<Value, ApiError> {
    let region: &Region = world.region_mut(request.region);
    let members = Members::new(request.json);
    let answer = match request.operation {
        "GetSecretValue" => value(region, &members)?,
        "DescribeSecret" => {
            let (database, secret) = find(region, &members)?;
            described(region, database, secret)
        }
        "ListSecrets" => list(region, &members)?,
        other => return Err(ApiError::unknown_operation("secretsmanager", other)),
    };
    members.finish()?;
    Ok(answer)
}

fn secrets(region: &Region) -> impl Iterator<Item = (&Database, &Secret)> {
    region.databases.instances.values().filter_map(|database| Some((database, database.secret.as_ref()?)))
}

/// The secret a request names, by name or ARN.
fn find<'r>(region: &'r Region, members: &Members<'_>) -> Result<(&'r Database, &'r Secret), ApiError> {
    let id = members.required("SecretId")?;
    let is_it = |secret: &Secret| secret.name == id || secret.arn == id;
    secrets(region)
        .find(|(_, secret)| is_it(secret))
        .ok_or_else(|| ApiError::new("ResourceNotFoundException", "Secrets Manager can't find the specified secret."))
}

/// GetSecretValue
fn value(region: &Region, members: &Members<'_>) -> Result<Value, ApiError> {
    let (database, secret) = find(region, members)?;
    let version = members.text("VersionId")?.unwrap_or(&secret.version);
    let stage = members.text("VersionStage")?.unwrap_or("AWSCURRENT");
    if version != secret.version || stage != "AWSCURRENT" {
        let message = format!("Secrets Manager can't find the specified secret value for staging label: {stage}");
        return Err(ApiError::new("ResourceNotFoundException", message));
    }
    let text = json!({ "username": database.username, "password": secret.password() });
    Ok(json!({
        "ARN": secret.arn,
        "Name": secret.name,
        "VersionId": secret.version,
        "SecretString": text.to_string(),
        "VersionStages": ["AWSCURRENT"],
        "CreatedDate": { "$time": secret.created },
    }))
}

/// What DescribeSecret and ListSecrets tell alike.
fn common(region: &Region, database: &Database, secret: &Secret) -> Value {
    let owner = format!("arn:aws:rds:{}:{}:db:{}", region.name(), region.account(), database.identifier);
    json!({
        "ARN": secret.arn,
        "Name": secret.name,
        "Description": format!("Secret associated with primary RDS DB instance: {owner}"),
        "RotationEnabled": true,
        "RotationRules": { "AutomaticallyAfterDays": 7 },
        "LastChangedDate": { "$time": secret.created },
        "Tags": [
            { "Key": "aws:secretsmanager:owningService", "Value": "rds" },
            { "Key": "aws:rds:primaryDBInstanceArn", "Value": owner },
        ],
        "OwningService": "rds",
        "CreatedDate": { "$time": secret.created },
    })
}

fn described(region: &Region, database: &Database, secret: &Secret) -> Value {
    let mut answer = common(region, database, secret);
    answer["VersionIdsToStages"] = json!({ &secret.version: ["AWSCURRENT"] });
    answer
}

/// ListSecrets
fn list(region: &Region, members: &Members<'_>) -> Result<Value, ApiError> {
    if !members.objects("Filters")?.is_empty() {
        return Err(ApiError::not_simulated("the filters of ListSecrets"));
    }
    // There are never more than one page of 100: an account has at most 40 DB instances.
    if members.int("MaxResults")?.is_some_and(|asked| asked < 100) {
        return Err(ApiError::not_simulated("the pages of ListSecrets"));
    }
    let items = secrets(region).map(|(database, secret)| {
        let mut item = common(region, database, secret);
        item["SecretVersionsToStages"] = json!({ &secret.version: ["AWSCURRENT"] });
        item
    });
    Ok(json!({ "SecretList": items.collect::<Vec<_>>() }))
}
