//! Database of RDS.
//!
//! Found by its identifier, which is its id. Observed beside the declared fields: `endpoint` and `port` once it is nearly
//! ready, `vpc`, `subnet` and `private_ip` (and `public_ip`) of its network interface, `deletion_protection`. What differs beyond the declared
//! fields: `deletion_protection` (it would stop the cleanup) and `state` (stopped). Its password is generated when it is made;
//! it goes from a file that only the learner can read into the request and is nowhere else.

use aws_sdk_rds::types::DbInstance as Database;

use crate::cloud::errors::{self, Asked};
use crate::cloud::{Answered, CallError, Clients, Live, Sent, Sights, Swept, Task, Want};
use crate::course::model::{Fields, Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::access::password_file;
use crate::lab::call::{Arg, BoundCall, Call, Effect, Service};
use crate::lab::kind::{Env, Kind, Need, Pace, Priced, differences_of_fields, needs_of_fields};
use crate::lab::report::Blocker;
use crate::lab::world::{Desired, Difference, Health, Mend, Observed, Sight, World};
use crate::problem::{Problem, ProblemKind};

use super::db_subnet_group::{tag_map, tags};
use super::support::{self, Seen, done, filter, read, read_all, send};
use super::{blockers, secret_file};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("engine", FieldType::Word(&["mysql"]), ("엔진", "engine")),
    // `8.4` stands for every version that begins with it.
    Field::new("version", FieldType::Text, ("엔진 버전", "engine version")),
    Field::new("extended_support", FieldType::Bool, ("RDS 확장 지원", "RDS Extended Support")),
    Field::new("class", FieldType::Text, ("인스턴스 클래스", "instance class")),
    Field::new("storage", FieldType::Int, ("스토리지(GiB)", "storage (GiB)")),
    Field::new("user", FieldType::Text, ("마스터 사용자 이름", "master user name")),
    Field::new("subnet_group", FieldType::Ref("db-subnet-group"), ("DB 서브넷 그룹", "DB subnet group")),
    Field::new("groups", FieldType::Refs("security-group"), ("보안 그룹", "security groups")).in_place(),
    Field::new("zone", FieldType::Zone, ("가용 영역", "Availability Zone")),
    Field::new("multi_az", FieldType::Bool, ("다중 AZ", "Multi-AZ")).in_place(),
    Field::new("public", FieldType::Bool, ("퍼블릭 액세스", "public access")).in_place(),
    Field::new("backups", FieldType::Int, ("백업 보존 기간(일)", "backup retention (days)")).in_place(),
];

/// What keeps a database out of Extended Support, and what enrols it.
const NO_EXTENDED: &str = "open-source-rds-extended-support-disabled";
const EXTENDED: &str = "open-source-rds-extended-support";

/// The kind.
#[derive(Debug)]
pub struct DbInstance;

fn truth(fields: &Fields, field: &str) -> bool {
    fields.get(field).and_then(Value::as_bool).unwrap_or(false)
}

impl Kind for DbInstance {
    fn name(&self) -> &'static str {
        "db-instance"
    }

    fn title(&self) -> Text {
        Text::new("DB 인스턴스", "DB instance")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn needs(&self, desired: &Desired, _: &Env<'_>) -> Vec<Need> {
        needs_of_fields(FIELDS, desired)
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        let Some(subnets) = desired.reference("subnet_group", "db-subnet-group") else { return Vec::new() };
        let text = |field: &str| Arg::text(desired.text(field).unwrap_or_default());
        let int = |field: &str| Arg::Int(desired.int(field).unwrap_or_default());
        let truth = |field: &str| Arg::Bool(truth(&desired.fields, field));
        let lifecycle = if self::truth(&desired.fields, "extended_support") { EXTENDED } else { NO_EXTENDED };
        vec![
            support::call(Service::Rds, "CreateDBInstance", Effect::Create, desired)
                .arg("DBInstanceIdentifier", Arg::text(&desired.key.name))
                .arg("Engine", text("engine"))
                .arg("EngineVersion", text("version"))
                .arg("EngineLifecycleSupport", Arg::text(lifecycle))
                .arg("DBInstanceClass", text("class"))
                .arg("AllocatedStorage", int("storage"))
                .arg("StorageType", Arg::text("gp3"))
                .arg("StorageEncrypted", Arg::Bool(true))
                .arg("MasterUsername", text("user"))
                .arg("MasterUserPassword", Arg::Password(desired.key.name.clone()))
                .arg("DBSubnetGroupName", Arg::id(&subnets))
                .arg("VpcSecurityGroupIds", Arg::List(support::ids(desired, "groups", "security-group")))
                .arg("AvailabilityZone", text("zone"))
                .arg("MultiAZ", truth("multi_az"))
                .arg("PubliclyAccessible", truth("public"))
                .arg("BackupRetentionPeriod", int("backups"))
                .arg("DeletionProtection", Arg::Bool(false))
                .arg("Tags", support::tag_list(desired, env))
                .gives("DBInstance.DBInstanceIdentifier")
                .again_if(&["DBSubnetGroupNotFoundFault", "InvalidParameterValue~Invalid security group"]),
        ]
    }

    fn differences(&self, desired: &Desired, observed: &Observed, env: &Env<'_>) -> Vec<Difference> {
        let mut out = differences_of_fields(FIELDS, desired, observed, env);
        let minor = observed.text("version").zip(desired.text("version")).is_some_and(|(found, wanted)| {
            found.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        // RDS tells its zone and its support only once it is nearly there; an endpoint that lacks them never does.
        let untold = |field: &str| !observed.fields.contains_key(field);
        out.retain(|difference| match difference.field.as_str() {
            "version" => !minor,
            "zone" | "extended_support" => !untold(&difference.field),
            _ => true,
        });
        let mut differs = |field: &str, wanted: &str, found: &str| {
            out.push(Difference {
                key: desired.key.clone(),
                field: field.to_owned(),
                wanted: wanted.to_owned(),
                found: found.to_owned(),
                mend: Mend::InPlace,
            });
        };
        if truth(&observed.fields, "deletion_protection") {
            differs("deletion_protection", "false", "true");
        }
        if matches!(observed.state.as_str(), "stopping" | "stopped") {
            differs("state", "available", &observed.state);
        }
        out
    }

    fn change(&self, desired: &Desired, _: &Observed, differences: &[Difference], _: &Env<'_>) -> Vec<Call> {
        let id = || Arg::id(&desired.key);
        let differs = |field: &str| differences.iter().any(|difference| difference.field == field);
        let mut out = Vec::new();
        if differs("state") {
            out.push(
                support::call(Service::Rds, "StartDBInstance", Effect::Change, desired)
                    .arg("DBInstanceIdentifier", id())
                    .again_if(&["InvalidDBInstanceState"]),
            );
        }
        let mut modify = support::call(Service::Rds, "ModifyDBInstance", Effect::Change, desired)
            .arg("DBInstanceIdentifier", id())
            .again_if(&["InvalidDBInstanceState"]);
        let args = modify.args.len();
        if differs("groups") {
            modify = modify.arg("VpcSecurityGroupIds", Arg::List(support::ids(desired, "groups", "security-group")));
        }
        if differs("public") {
            modify = modify.arg("PubliclyAccessible", Arg::Bool(truth(&desired.fields, "public")));
        }
        if differs("multi_az") {
            modify = modify.arg("MultiAZ", Arg::Bool(truth(&desired.fields, "multi_az")));
        }
        if differs("backups") {
            modify = modify.arg("BackupRetentionPeriod", Arg::Int(desired.int("backups").unwrap_or_default()));
        }
        if differs("deletion_protection") {
            modify = modify.arg("DeletionProtection", Arg::Bool(false));
        }
        if modify.args.len() > args {
            out.push(modify.arg("ApplyImmediately", Arg::Bool(true)));
        }
        out
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_by(Service::Rds, "DeleteDBInstance", observed, step)
                .arg("DBInstanceIdentifier", Arg::text(&observed.id))
                .arg("SkipFinalSnapshot", Arg::Bool(true))
                .arg("DeleteAutomatedBackups", Arg::Bool(true))
                .done_if(&["DBInstanceNotFound"])
                .again_if(&["InvalidDBInstanceState"]),
        ]
    }

    fn pace(&self) -> Pace {
        Pace::seconds(360, 10, 2_400, 300)
    }

    fn price(&self, desired: &Desired, _: &[Desired]) -> Vec<Priced> {
        #[expect(clippy::cast_precision_loss, reason = "a disk has few GiB")]
        let gib = desired.int("storage").unwrap_or_default() as f64;
        let class = desired.text("class").unwrap_or_default();
        vec![
            Priced { item: format!("db-instance-hour.{class}"), count: 1.0 },
            Priced { item: "db-gp3-gb-month".to_owned(), count: gib },
        ]
    }

    fn rank(&self) -> u8 {
        40
    }
}

fn seen(database: &Database) -> Seen {
    let state = database.db_instance_status().unwrap_or_default();
    let health = match state {
        "available" | "backing-up" | "storage-optimization" => Health::Ready,
        "deleting" => Health::Deleting,
        "failed"
        | "incompatible-network"
        | "incompatible-parameters"
        | "incompatible-restore"
        | "insufficient-capacity"
        | "restore-error" => Health::Failed,
        // `stopped` is a difference, which is mended in place.
        "stopped" => Health::Ready,
        _ => Health::Pending,
    };
    let groups = database.vpc_security_groups().iter().filter_map(|one| one.vpc_security_group_id());
    let lifecycle = database.engine_lifecycle_support().map(|word| word == EXTENDED);
    let endpoint = database.endpoint();
    Seen::other(database.db_instance_identifier(), state, tag_map(database.tag_list()))
        .health(health)
        .with("engine", database.engine())
        .with("version", database.engine_version())
        .with("extended_support", lifecycle)
        .with("class", database.db_instance_class())
        .with("storage", database.allocated_storage().map(i64::from))
        .with("user", database.master_username())
        .with("subnet_group", database.db_subnet_group().and_then(|group| group.db_subnet_group_name()))
        .with("vpc", database.db_subnet_group().and_then(|group| group.vpc_id()))
        .with("groups", Some(Value::List(groups.map(Value::from).collect())))
        .with("zone", database.availability_zone())
        .with("multi_az", database.multi_az())
        .with("public", database.publicly_accessible())
        .with("backups", database.backup_retention_period().map(i64::from))
        .with("deletion_protection", database.deletion_protection())
        .with("endpoint", endpoint.and_then(|one| one.address()))
        .with("port", endpoint.and_then(|one| one.port()).map(i64::from))
}

/// How EC2 describes the network interface of a database.
const INTERFACE: &str = "RDSNetworkInterface";

/// Adds where its network interface is: RDS itself does not say. The interfaces of RDS carry no name of their database;
/// one counts when its groups and its zone are those of this one and no other can be meant.
async fn add_place(clients: &Clients, role: Role, seen: &mut Seen) -> Result<(), Problem> {
    let Some(vpc) = seen.text("vpc").map(str::to_owned) else { return Ok(()) };
    let filters = vec![filter("description", [INTERFACE]), filter("vpc-id", [vpc])];
    let request = clients.ec2(role).describe_network_interfaces().set_filters(Some(filters));
    let answer = read!(clients, role, "DescribeNetworkInterfaces", request);
    let sorted = |mut ids: Vec<String>| {
        ids.sort_unstable();
        ids
    };
    let of_field = seen.fields.get("groups").map(Value::items).unwrap_or_default();
    let groups = sorted(of_field.iter().filter_map(Value::as_text).map(str::to_owned).collect());
    let zone = seen.text("zone").map(str::to_owned);
    let mut fits = answer.network_interfaces().iter().filter(|one| {
        let own = sorted(one.groups().iter().filter_map(|group| group.group_id()).map(str::to_owned).collect());
        own == groups && zone.as_deref().is_none_or(|zone| one.availability_zone() == Some(zone))
    });
    if let (Some(one), None) = (fits.next(), fits.next()) {
        let found = std::mem::replace(seen, Seen::new(None, "", &[]));
        *seen = found
            .with("subnet", one.subnet_id())
            .with("private_ip", one.private_ip_address())
            .with("public_ip", one.association().and_then(|address| address.public_ip()));
    }
    Ok(())
}

async fn look(clients: &Clients, role: Role, name: &str) -> Result<Option<Seen>, Problem> {
    match clients.rds(role).describe_db_instances().db_instance_identifier(name).send().await {
        Ok(answer) => Ok(answer.db_instances().first().map(seen)),
        Err(error) => {
            let asked = Asked { service: "rds", operation: "DescribeDBInstances", region: clients.region(role) };
            let problem = errors::problem(asked, &error);
            if problem.kind == ProblemKind::NotFound { Ok(None) } else { Err(problem) }
        }
    }
}

impl Live for DbInstance {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], _world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let mut out = Vec::new();
            for want in wants {
                let key = &want.desired.key;
                let sight = match look(clients, role, &key.name.to_ascii_lowercase()).await? {
                    Some(mut seen) => {
                        add_place(clients, role, &mut seen).await?;
                        Sight::Found(Box::new(seen.taken_for(key, clients.region(role))))
                    }
                    None => Sight::Absent,
                };
                out.push((key.clone(), sight));
            }
            Ok(out)
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let rds = clients.rds(support::role_of(clients, call)?);
            let name = support::text(call, "DBInstanceIdentifier")?;
            let own = |name: &str| call.text(name).map(str::to_owned);
            let groups = || Some(support::texts(call, "VpcSecurityGroupIds")).filter(|groups| !groups.is_empty());
            match call.0.operation.as_str() {
                "CreateDBInstance" => {
                    let Some(Arg::Password(of)) = call.arg("MasterUserPassword") else {
                        return Err(support::fault("CreateDBInstance lacks MasterUserPassword"));
                    };
                    let broken = |problem| CallError { code: String::new(), unknown_outcome: false, problem };
                    let password = secret_file::password(&password_file(clients.keys(), of)).map_err(broken)?;
                    let request = rds
                        .create_db_instance()
                        .db_instance_identifier(name)
                        .engine(support::text(call, "Engine")?)
                        .set_engine_version(own("EngineVersion"))
                        .set_engine_lifecycle_support(own("EngineLifecycleSupport"))
                        .db_instance_class(support::text(call, "DBInstanceClass")?)
                        .set_allocated_storage(support::int(call, "AllocatedStorage"))
                        .set_storage_type(own("StorageType"))
                        .set_storage_encrypted(support::truth(call, "StorageEncrypted"))
                        .set_master_username(own("MasterUsername"))
                        .master_user_password(password)
                        .set_db_subnet_group_name(own("DBSubnetGroupName"))
                        .set_vpc_security_group_ids(groups())
                        .set_availability_zone(own("AvailabilityZone"))
                        .set_multi_az(support::truth(call, "MultiAZ"))
                        .set_publicly_accessible(support::truth(call, "PubliclyAccessible"))
                        .set_backup_retention_period(support::int(call, "BackupRetentionPeriod"))
                        .set_deletion_protection(support::truth(call, "DeletionProtection"))
                        .set_tags(tags(call));
                    let answer = send!(aws_sdk_rds, call, request);
                    Ok(support::gave(answer.db_instance().and_then(|one| one.db_instance_identifier())))
                }
                "ModifyDBInstance" => {
                    let request = rds
                        .modify_db_instance()
                        .db_instance_identifier(name)
                        .set_vpc_security_group_ids(groups())
                        .set_publicly_accessible(support::truth(call, "PubliclyAccessible"))
                        .set_multi_az(support::truth(call, "MultiAZ"))
                        .set_backup_retention_period(support::int(call, "BackupRetentionPeriod"))
                        .set_deletion_protection(support::truth(call, "DeletionProtection"))
                        .set_apply_immediately(support::truth(call, "ApplyImmediately"));
                    done!(aws_sdk_rds, call, request)
                }
                "StartDBInstance" => {
                    done!(aws_sdk_rds, call, rds.start_db_instance().db_instance_identifier(name))
                }
                "DeleteDBInstance" => {
                    let request = rds
                        .delete_db_instance()
                        .db_instance_identifier(name)
                        .set_skip_final_snapshot(support::truth(call, "SkipFinalSnapshot"))
                        .set_delete_automated_backups(support::truth(call, "DeleteAutomatedBackups"));
                    send!(aws_sdk_rds, call, request);
                    secret_file::forget(&password_file(clients.keys(), &call.0.key.name));
                    Ok(Sent::default())
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            let request = clients.rds(role).describe_db_instances();
            let all: Vec<Database> = read_all!("rds", clients, role, "DescribeDBInstances", request);
            let within = |one: &Seen| one.text("vpc").is_some_and(|vpc| vpcs.iter().any(|own| own == vpc));
            let seen = all.iter().map(seen).filter(|one| one.is_ours() || within(one));
            Ok(seen.map(|one| one.left_over("db-instance", role, clients.region(role))).collect())
        })
    }

    fn blockers<'a>(&'a self, clients: &'a Clients, observed: &'a Observed) -> Task<'a, Result<Vec<Blocker>, Problem>> {
        Box::pin(async move {
            if truth(&observed.fields, "deletion_protection") {
                return Ok(vec![Blocker {
                    kind: "deletion-protection".to_owned(),
                    id: observed.id.clone(),
                    name: observed.key.name.clone(),
                    why: Text::new(
                        "삭제 방지가 켜져 있습니다. 콘솔의 RDS > 데이터베이스 > 수정에서 꺼야 합니다.",
                        "Deletion protection is on. Turn it off under RDS > Databases > Modify.",
                    ),
                    passes: false,
                }]);
            }
            if matches!(observed.state.as_str(), "available" | "deleting") {
                let groups = observed.fields.get("groups").map(Value::items).unwrap_or_default();
                let ids: Vec<&str> = groups.iter().filter_map(Value::as_text).collect();
                if ids.is_empty() {
                    return Ok(Vec::new());
                }
                return blockers::interfaces(clients, observed.key.role, filter("group-id", ids)).await;
            }
            Ok(vec![Blocker {
                kind: "db-instance".to_owned(),
                id: observed.id.clone(),
                name: observed.key.name.clone(),
                why: Text::new(
                    format!("{} 상태에서는 지울 수 없습니다. 끝나기를 기다립니다.", observed.state),
                    format!("In the state {} it cannot be deleted; that is waited for.", observed.state),
                ),
                passes: true,
            }])
        })
    }
}
