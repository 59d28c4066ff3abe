//! CreateDBInstance.

use super::Call;
use super::common::{
    checked_identifier, identifier, invalid_combination, invalid_value, network_state, no_group, read_tags, texts,
};
use super::{offers, subnet_group};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::database::{
    Database, Password, Pending, Secret, Status, SubnetGroup, minute_of_day, minute_of_week,
};
use crate::practice::world::{NetworkInterface, Region};

/// EngineLifecycleSupport that enrols in Extended Support: the default.
pub(super) const EXTENDED: &str = "open-source-rds-extended-support";
/// EngineLifecycleSupport that keeps out of it.
pub(super) const NOT_EXTENDED: &str = "open-source-rds-extended-support-disabled";

/// MySQL's reserved words that RDS refuses as master user names most often.
const RESERVED: [&str; 5] = ["rdsadmin", "mysql", "select", "user", "admin_user"];

/// A master password, checked.
pub(super) fn checked_password(password: &str) -> Result<(), ApiError> {
    let wrong =
        |why: &str| Err(invalid_value(format!("The parameter MasterUserPassword is not a valid password {why}")));
    if password.len() < 8 {
        return wrong("because it is shorter than 8 characters.");
    }
    if password.len() > 41 {
        return wrong("because it is longer than 41 characters.");
    }
    if !password.chars().all(|c| c.is_ascii_graphic() && !"/@\"".contains(c)) {
        return Err(invalid_value(
            "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.",
        ));
    }
    Ok(())
}

/// Security groups by id, checked: they exist in the database's VPC. None asked for: the VPC's default one.
pub(super) fn checked_groups(call: &Call<'_>, vpc: &str) -> Result<Vec<String>, ApiError> {
    let asked = texts(call.params, "VpcSecurityGroupIds", "VpcSecurityGroupId");
    let region: &Region = call.region;
    for id in &asked {
        let found = region.security_groups.get(*id).filter(|group| !region.is_hidden(&group.id));
        let Some(group) = found else {
            return Err(invalid_value(format!("Invalid security group , groupId= {id}, groupName=.")));
        };
        if group.vpc != vpc {
            return Err(invalid_combination(format!(
                "The DB instance and EC2 security group are in different VPCs. The DB instance is in {vpc} and the EC2 security group is in {}",
                group.vpc
            )));
        }
    }
    if asked.len() > region.options().limits.groups_per_interface {
        return Err(invalid_combination("The number of VPC security groups exceeds the limit."));
    }
    if asked.is_empty() {
        let default = region.security_groups.values().find(|group| group.vpc == vpc && group.name == "default");
        return Ok(default.map(|group| group.id.clone()).into_iter().collect());
    }
    Ok(asked.into_iter().map(str::to_owned).collect())
}

/// What an account on the Free plan may not have.
pub(super) fn free_plan(region: &Region, class: &str, retention: u32) -> Result<(), ApiError> {
    if !region.options().free_plan {
        return Ok(());
    }
    let refuse = |message: &str| Err(ApiError::new("FreeTierRestrictionError", message));
    if !matches!(class, "db.t3.micro" | "db.t4g.micro") {
        return refuse(
            "This instance size isn't available with free plan accounts. To access more instance sizes, upgrade your account plan.",
        );
    }
    if retention > 1 {
        return refuse(
            "The specified backup retention period exceeds the maximum available to free tier customers. To remove all limitations, upgrade \
             your account plan.",
        );
    }
    Ok(())
}

/// `hh24:mi-hh24:mi` of at least half an hour.
pub(super) fn checked_backup_window(text: &str) -> Result<String, ApiError> {
    let length = text.split_once('-').and_then(|(from, to)| {
        let length = minute_of_day(to)? - minute_of_day(from)?;
        Some(length.rem_euclid(24 * 60))
    });
    match length {
        Some(30..) => Ok(text.to_owned()),
        Some(_) => Err(invalid_value("The backup window must be at least 30 minutes.")),
        None => Err(invalid_value(format!(
            "Invalid backup window format: {text}. Should be specified as a range hh24:mi-hh24:mi"
        ))),
    }
}

/// `ddd:hh24:mi-ddd:hh24:mi` of half an hour to a day.
pub(super) fn checked_maintenance_window(text: &str) -> Result<String, ApiError> {
    let text = text.to_ascii_lowercase();
    let length = text.split_once('-').and_then(|(from, to)| {
        let length = minute_of_week(to)? - minute_of_week(from)?;
        Some(length.rem_euclid(7 * 24 * 60))
    });
    match length {
        Some(30..=1440) => Ok(text),
        Some(_) => Err(invalid_value("The maintenance window must be at least 30 minutes and at most 24 hours.")),
        None => Err(invalid_value(format!(
            "Invalid maintenance window format: {text}. Should be specified as a range ddd:hh24:mi-ddd:hh24:mi"
        ))),
    }
}

/// A window that nobody chose, in the region's night.
fn chosen_windows(region: &mut Region) -> (String, String) {
    let night = |minute: u64| format!("{:02}:{:02}", 13 + minute / 60, minute % 60);
    let backup = region.random().below(7 * 60);
    let service = region.random().below(7 * 60);
    let day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let chosen = usize::try_from(region.random().below(7)).ok().and_then(|index| day.get(index)).unwrap_or(&"sun");
    (
        format!("{}-{}", night(backup), night(backup + 30)),
        format!("{chosen}:{}-{chosen}:{}", night(service), night(service + 30)),
    )
}

/// The subnet group a request means, and whether it named one.
fn subnet_group(call: &mut Call<'_>) -> Result<(SubnetGroup, bool), ApiError> {
    let params = call.params;
    let Some(name) = params.text("DBSubnetGroupName") else {
        let group = subnet_group::default_group(call.region);
        return group.map(|group| (group, false)).ok_or_else(|| {
            ApiError::new(
                "InvalidSubnet",
                "No default subnet detected in VPC. Please contact AWS Support to recreate default Subnets.",
            )
        });
    };
    let name = name.to_ascii_lowercase();
    let group = call.region.databases.groups.get(&name).cloned().ok_or_else(|| no_group(&name))?;
    Ok((group, true))
}

/// The subnet of the group that the instance goes to.
fn subnet_for(call: &mut Call<'_>, group: &SubnetGroup, multi_az: bool) -> Result<String, ApiError> {
    let params = call.params;
    let asked = params.text("AvailabilityZone");
    let region: &mut Region = call.region;
    if let Some(zone) = asked {
        if multi_az {
            return Err(invalid_combination(
                "Requesting a specific availability zone is not valid for Multi-AZ instances.",
            ));
        }
        if !region.zones().iter().any(|one| one.name == zone) {
            let offered: Vec<String> = region.zones().into_iter().map(|zone| zone.name).collect();
            let offered = offered.join(", ");
            return Err(network_state(format!(
                "Availability zone '{zone}' is unavailable in this region, please choose another zone set. Available zones: {offered}."
            )));
        }
    }
    let subnets = group.subnets.iter().filter_map(|id| region.subnets.get(id));
    let here: Vec<_> = subnets.filter(|subnet| asked.is_none_or(|zone| subnet.zone == zone)).collect();
    if here.is_empty() {
        return Err(network_state(format!(
            "Cannot create the DB instance in {}: the DB subnet group {} does not cover it.",
            asked.unwrap_or_default(),
            group.name
        )));
    }
    let free: Vec<String> =
        here.into_iter().filter(|subnet| region.free_addresses(subnet) > 0).map(|subnet| subnet.id.clone()).collect();
    let count = u64::try_from(free.len()).unwrap_or_default();
    let pick = usize::try_from(region.random().below(count)).unwrap_or_default();
    free.get(pick).cloned().ok_or_else(|| {
        network_state(
            "There are not enough free IP addresses in the subnets of the DB subnet group for the DB instance.",
        )
    })
}

/// Whether it gets a public address, checked.
fn checked_public(call: &Call<'_>, group: &SubnetGroup, named: bool) -> Result<bool, ApiError> {
    let asked = call.params.bool("PubliclyAccessible")?;
    let has_gateway = call.region.gateway_of(&group.vpc).is_some();
    let public = asked.unwrap_or(!named && has_gateway);
    if !public {
        return Ok(false);
    }
    let dns = call.region.vpcs.get(&group.vpc).is_some_and(|vpc| vpc.dns_support && vpc.dns_hostnames);
    if !dns {
        return Err(network_state(
            "Cannot create a publicly accessible DBInstance. The specified VPC does not support DNS resolution, DNS hostnames, or both. Update \
             the VPC and then try again",
        ));
    }
    if !has_gateway {
        return Err(network_state(
            "Cannot create a publicly accessible DBInstance. The specified VPC has no internet gateway attached. Update the VPC and then try \
             again",
        ));
    }
    Ok(true)
}

/// Class, version and EngineLifecycleSupport, checked.
fn checked_engine(call: &Call<'_>) -> Result<(String, &'static str, String), ApiError> {
    let params = call.params;
    let class = params.required("DBInstanceClass")?;
    if !offers::is_class(class) {
        return Err(invalid_value(format!("Invalid DB Instance class: {class}")));
    }
    offers::only_mysql(params.required("Engine")?)?;
    let version = offers::resolve(params.text("EngineVersion"))?;
    if let Some(license) = params.text("LicenseModel").filter(|license| *license != "general-public-license") {
        return Err(invalid_combination(format!(
            "RDS does not support creating a DB instance with the following combination: DBInstanceClass={class}, Engine=mysql, \
             EngineVersion={version}, LicenseModel={license}. For supported combinations of instance class and database engine version, see \
             the documentation."
        )));
    }
    let lifecycle = params.text("EngineLifecycleSupport").unwrap_or(EXTENDED);
    if ![EXTENDED, NOT_EXTENDED].contains(&lifecycle) {
        return Err(invalid_value(format!("Invalid value for EngineLifecycleSupport: {lifecycle}")));
    }
    if lifecycle == NOT_EXTENDED && offers::is_past_standard_support(version) {
        return Err(invalid_combination(format!(
            "MySQL {version} has reached the end of standard support and can only be created with RDS Extended Support. Choose a newer version, \
             or set EngineLifecycleSupport to {EXTENDED}."
        )));
    }
    Ok((class.to_owned(), version, lifecycle.to_owned()))
}

/// The master user's name, and the password when the request brings one (none: RDS manages it).
fn checked_master<'p>(call: &Call<'p>) -> Result<(&'p str, Option<&'p str>), ApiError> {
    let params = call.params;
    let name = params
        .text("MasterUsername")
        .ok_or_else(|| invalid_value("The parameter MasterUsername must be provided and must not be blank."))?;
    let good = (1..=16).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !good {
        return Err(invalid_value(
            "The parameter MasterUsername is not a valid identifier. It must begin with a letter, contain only alphanumeric characters and \
             underscores, and have 1 to 16 characters.",
        ));
    }
    if RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(invalid_value(format!(
            "MasterUsername {name} cannot be used as it is a reserved word used by the engine"
        )));
    }
    let managed = params.bool("ManageMasterUserPassword")?.unwrap_or(false);
    match (params.text("MasterUserPassword"), managed) {
        (Some(_), true) => {
            Err(invalid_combination("You can't specify MasterUserPassword if ManageMasterUserPassword is enabled."))
        }
        (Some(password), false) => checked_password(password).map(|()| (name, Some(password))),
        (None, true) => Ok((name, None)),
        (None, false) => Err(invalid_value("The parameter MasterUserPassword must be provided and must not be blank.")),
    }
}

/// Accepts parameters that say what is so anyway, and refuses every other value of them.
fn plain_parameters(call: &Call<'_>, version: &str) -> Result<(), ApiError> {
    let params = call.params;
    let (parameters, options) = (offers::parameter_group(version), offers::option_group(version));
    for (name, usual) in [
        ("DBParameterGroupName", parameters.as_str()),
        ("OptionGroupName", options.as_str()),
        ("NetworkType", "IPV4"),
        ("BackupTarget", "region"),
        ("CACertificateIdentifier", "rds-ca-rsa2048-g1"),
        ("MonitoringInterval", "0"),
        ("DatabaseInsightsMode", "standard"),
    ] {
        if let Some(value) = params.text(name)
            && value != usual
        {
            return Err(ApiError::not_simulated(format_args!("{name}={value} of CreateDBInstance")));
        }
    }
    for name in [
        "EnableIAMDatabaseAuthentication",
        "EnablePerformanceInsights",
        "EnableCustomerOwnedIp",
        "MultiTenant",
        "DedicatedLogVolume",
    ] {
        if params.bool(name)? == Some(true) {
            return Err(ApiError::not_simulated(format_args!("{name} of CreateDBInstance")));
        }
    }
    if (params.text("Iops").is_some() || params.text("StorageThroughput").is_some())
        && params.int("AllocatedStorage")?.is_some_and(|size| size < 400)
        && params.text("StorageType") == Some("gp3")
    {
        return Err(invalid_combination(
            "You can't specify IOPS or storage throughput for engine mysql and a storage size less than 400.",
        ));
    }
    if params.text("Iops").is_some() || params.text("StorageThroughput").is_some() {
        return Err(ApiError::not_simulated("provisioned IOPS and throughput of CreateDBInstance"));
    }
    Ok(())
}

/// CreateDBInstance
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let name = identifier(params, "DBInstanceIdentifier")?;
    let (class, version, lifecycle) = checked_engine(call)?;
    plain_parameters(call, version)?;
    let (username, password) = checked_master(call)?;
    let storage_type = params.text("StorageType").unwrap_or("gp2");
    let storage = params
        .int("AllocatedStorage")?
        .ok_or_else(|| invalid_value("The parameter AllocatedStorage must be provided and must not be blank."))?;
    let storage = offers::checked_storage(storage, storage_type)?;
    let retention = retention(params.int("BackupRetentionPeriod")?)?.unwrap_or(1);
    let port = port(params.int("Port")?)?;
    let db_name = params.text("DBName").filter(|text| !text.is_empty()).map(db_name).transpose()?;
    let tags = read_tags(params)?;
    free_plan(call.region, &class, retention)?;
    let instances = &call.region.databases.instances;
    if instances.contains_key(&name) {
        return Err(ApiError::new("DBInstanceAlreadyExists", "DB instance already exists"));
    }
    let (free, count) = (call.region.options().free_plan, instances.len());
    if free && count >= 2 {
        let message = "You've reached the maximum number of instances available with free plan accounts.";
        return Err(ApiError::new("FreeTierRestrictionError", message));
    }
    if count >= call.region.options().limits.db_instances {
        let message = "Request would exceed your quota of DB instances (InstanceQuotaExceeded)";
        return Err(ApiError::new("InstanceQuotaExceeded", message));
    }
    let (group, named) = subnet_group(call)?;
    let multi_az = params.bool("MultiAZ")?.unwrap_or(false);
    let security_groups = checked_groups(call, &group.vpc)?;
    let public = checked_public(call, &group, named)?;
    let (own_backup, own_maintenance) = chosen_windows(call.region);
    let backup_window = params.text("PreferredBackupWindow").map_or(Ok(own_backup), checked_backup_window)?;
    let maintenance_window =
        params.text("PreferredMaintenanceWindow").map_or(Ok(own_maintenance), checked_maintenance_window)?;
    let encrypted = params.bool("StorageEncrypted")?.unwrap_or(false);
    let auto_minor = params.bool("AutoMinorVersionUpgrade")?.unwrap_or(true);
    let copy_tags = params.bool("CopyTagsToSnapshot")?.unwrap_or(false);
    let deletion_protection = params.bool("DeletionProtection")?.unwrap_or(false);

    let subnet = subnet_for(call, &group, multi_az)?;
    let region: &mut Region = call.region;
    let secret = password.is_none().then(|| Secret::new(region));
    let clear = secret.as_ref().map_or_else(|| password.unwrap_or_default().to_owned(), Secret::password);
    let password = Password::new(region.random().bytes(), &clear);
    let resource_id = resource_id(region);
    let made = region.make_database_interface(&subnet, security_groups.clone(), public);
    let NetworkInterface { id, zone, .. } = made.ok_or_else(|| network_state("The subnet has no free address."))?;
    let (interface, zone) = (id.clone(), zone.clone());
    region.begin_database(Database {
        identifier: name.clone(),
        resource_id,
        class,
        engine_version: version.to_owned(),
        storage,
        storage_type: storage_type.to_owned(),
        username: username.to_owned(),
        password,
        secret,
        db_name,
        port,
        group: group.name,
        vpc: group.vpc,
        zone,
        multi_az,
        security_groups,
        interface,
        public,
        retention,
        backup_window,
        maintenance_window,
        auto_minor,
        encrypted,
        copy_tags,
        deletion_protection,
        lifecycle,
        status: Status::Creating,
        has_endpoint: false,
        created: None,
        restart_at: None,
        pending: Pending::default(),
        pending_now: false,
        turn: 0,
        tags,
    });
    Ok(call.described(&name))
}

/// `db-` and 26 capital letters and digits.
fn resource_id(region: &mut Region) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bytes = region.random().bytes();
    let letters = bytes.iter().take(26).filter_map(|byte| alphabet.get(usize::from(byte % 32)));
    format!("db-{}", letters.map(|byte| char::from(*byte)).collect::<String>())
}

/// BackupRetentionPeriod, checked: 0 to 35 days.
pub(super) fn retention(asked: Option<i64>) -> Result<Option<u32>, ApiError> {
    let Some(days) = asked else { return Ok(None) };
    let fits = u32::try_from(days).ok().filter(|days| *days <= 35);
    fits.map(Some)
        .ok_or_else(|| invalid_value(format!("Invalid backup retention period: {days}. Must be between 0 and 35.")))
}

fn port(asked: Option<i64>) -> Result<u16, ApiError> {
    let asked = asked.unwrap_or(3306);
    let fits = u16::try_from(asked).ok().filter(|port| *port >= 1150);
    fits.ok_or_else(|| invalid_value(format!("Invalid database port: {asked}. Must be between 1150 and 65535.")))
}

fn db_name(text: &str) -> Result<String, ApiError> {
    let good = text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if good {
        return Ok(text.to_owned());
    }
    Err(invalid_value(format!(
        "DBName must begin with a letter and contain only alphanumeric characters. {text} is not valid."
    )))
}

/// NewDBInstanceIdentifier, checked.
pub(super) fn new_identifier(call: &Call<'_>, text: &str) -> Result<String, ApiError> {
    let new = checked_identifier("NewDBInstanceIdentifier", text)?;
    if call.region.databases.instances.contains_key(&new) {
        return Err(ApiError::new("DBInstanceAlreadyExists", "DB instance already exists"));
    }
    Ok(new)
}
