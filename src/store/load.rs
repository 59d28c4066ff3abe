//! The loads that awslab has put on instances, with the time when each ends by itself.

use rusqlite::{Row, params};

use crate::problem::Problem;

use super::Store;

/// A load that was put on an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// The Auto Scaling group's name.
    pub group: String,
    /// The instance's id.
    pub instance: String,
    /// The region.
    pub region: String,
    /// Systems Manager's id of the command.
    pub command: String,
    /// When it was started: cloud time, milliseconds since the Unix epoch.
    pub started: i64,
    /// When it ends by itself.
    pub ends: i64,
}

fn load_of(row: &Row<'_>) -> rusqlite::Result<Load> {
    Ok(Load {
        group: row.get("name")?,
        instance: row.get("instance")?,
        region: row.get("region")?,
        command: row.get("command")?,
        started: row.get("started")?,
        ends: row.get("ends")?,
    })
}

impl Store {
    /// Notes a load.
    pub fn load_started(&self, scope: &str, load: &Load) -> Result<(), Problem> {
        self.with(|connection| {
            connection.execute(
                "INSERT INTO load (scope, name, instance, region, command, started, ends) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![scope, load.group, load.instance, load.region, load.command, load.started, load.ends],
            )?;
            Ok(())
        })
    }

    /// Notes that the loads of a group were taken off at this time.
    pub fn load_stopped(&self, scope: &str, group: &str, at: i64) -> Result<(), Problem> {
        self.with(|connection| {
            connection.execute(
                "UPDATE load SET ends = ?3 WHERE scope = ?1 AND name = ?2 AND ends > ?3",
                params![scope, group, at],
            )?;
            Ok(())
        })
    }

    /// The loads that have not ended at this time, oldest first.
    pub fn loads(&self, scope: &str, at: i64) -> Result<Vec<Load>, Problem> {
        self.with(|connection| {
            connection
                .prepare_cached("SELECT * FROM load WHERE scope = ?1 AND ends > ?2 ORDER BY started")?
                .query_map(params![scope, at], load_of)?
                .collect()
        })
    }

    /// Every load that was ever put on a group, oldest first: the marks of a time line.
    pub fn loads_of(&self, scope: &str, group: &str) -> Result<Vec<Load>, Problem> {
        self.with(|connection| {
            connection
                .prepare_cached("SELECT * FROM load WHERE scope = ?1 AND name = ?2 ORDER BY started")?
                .query_map(params![scope, group], load_of)?
                .collect()
        })
    }
}
