//! The ledger: every resource that awslab made or adopted.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::course::model::{Key, Role};
use crate::lab::report::Elsewhere;
use crate::problem::Problem;

use super::Store;

/// A row of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Kind, name and role.
    pub key: Key,
    /// AWS's id; empty while it is not known yet (a link that was just made).
    pub id: String,
    /// Where.
    pub region: String,
    /// The step that declares it.
    pub step: String,
    /// The run that made it, for the tag `lab:run`.
    pub run: String,
    /// Whether the learner made it by hand.
    pub adopted: bool,
    /// USD an hour: of late, when it has changed.
    pub price: f64,
    /// When it was made or adopted: cloud time, milliseconds since the Unix epoch.
    pub since: i64,
    /// USD until the price last changed.
    pub spent: f64,
    /// When the price last changed; `None` while it has been the same all the time.
    pub priced: Option<i64>,
    /// When it was first seen to be missing, though awslab had not deleted it.
    pub lost: Option<i64>,
    /// When awslab saw it gone.
    pub gone: Option<i64>,
}

/// What the scopes of one cloud and account begin with: a scope without its two regions.
fn account_of(scope: &str) -> &str {
    let end = scope.rmatch_indices('/').nth(1).map_or(scope.len(), |(at, _)| at + 1);
    scope.get(..end).unwrap_or(scope)
}

pub(super) const fn role_word(role: Role) -> &'static str {
    match role {
        Role::Home => "home",
        Role::Peer => "peer",
    }
}

pub(super) fn key_of(row: &Row<'_>) -> rusqlite::Result<Key> {
    let role: String = row.get("role")?;
    Ok(Key {
        kind: row.get("kind")?,
        name: row.get("name")?,
        role: if role == "peer" { Role::Peer } else { Role::Home },
    })
}

fn entry_of(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        key: key_of(row)?,
        id: row.get("id")?,
        region: row.get("region")?,
        step: row.get("step")?,
        run: row.get("run")?,
        adopted: row.get("adopted")?,
        price: row.get("price")?,
        since: row.get("since")?,
        spent: row.get("spent")?,
        priced: row.get("priced")?,
        lost: row.get("lost")?,
        gone: row.get("gone")?,
    })
}

/// Writes a live row. An id that is not known yet never replaces a known one; another id begins the account anew.
pub(super) fn put(connection: &Connection, scope: &str, entry: &Entry) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO ledger (scope, kind, name, role, id, region, step, run, adopted, price, since)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (scope, kind, name, role) WHERE gone IS NULL DO UPDATE SET
             id = CASE WHEN excluded.id = '' THEN ledger.id ELSE excluded.id END,
             adopted = CASE WHEN excluded.id IN ('', ledger.id) OR ledger.id = '' THEN ledger.adopted ELSE excluded.adopted END,
             since = CASE WHEN excluded.id IN ('', ledger.id) OR ledger.id = '' THEN ledger.since ELSE excluded.since END,
             price = CASE WHEN excluded.id IN ('', ledger.id) OR ledger.id = '' THEN ledger.price ELSE excluded.price END,
             spent = CASE WHEN excluded.id IN ('', ledger.id) OR ledger.id = '' THEN ledger.spent ELSE 0 END,
             priced = CASE WHEN excluded.id IN ('', ledger.id) OR ledger.id = '' THEN ledger.priced ELSE NULL END,
             region = excluded.region, step = excluded.step, lost = NULL",
        params![
            scope,
            entry.key.kind,
            entry.key.name,
            role_word(entry.key.role),
            entry.id,
            entry.region,
            entry.step,
            entry.run,
            entry.adopted,
            entry.price,
            entry.since
        ],
    )?;
    Ok(())
}

impl Store {
    /// Everything that was ever in the ledger of this scope, oldest first; live rows have no `gone`.
    pub fn ledger(&self, scope: &str) -> Result<Vec<Entry>, Problem> {
        self.with(|connection| {
            connection
                .prepare_cached("SELECT * FROM ledger WHERE scope = ?1 ORDER BY row")?
                .query_map([scope], entry_of)?
                .collect()
        })
    }

    /// Notes a resource that stands.
    pub fn enter(&self, scope: &str, entry: &Entry) -> Result<(), Problem> {
        self.with(|connection| put(connection, scope, entry))
    }

    /// Notes that a live resource costs something else since `priced`, with what it had cost until then.
    pub fn reprice(&self, scope: &str, entry: &Entry) -> Result<(), Problem> {
        let Entry { key, price, spent, priced, .. } = entry;
        self.with(|connection| {
            connection.execute(
                "UPDATE ledger SET price = ?5, spent = ?6, priced = ?7
                 WHERE scope = ?1 AND kind = ?2 AND name = ?3 AND role = ?4 AND gone IS NULL",
                params![scope, key.kind, key.name, role_word(key.role), price, spent, priced],
            )?;
            Ok(())
        })
    }

    /// Notes that a resource is gone; its next namesake gets another client token.
    pub fn leave(&self, scope: &str, key: &Key, at: i64) -> Result<(), Problem> {
        self.with(|connection| {
            let change = connection.transaction()?;
            let role = role_word(key.role);
            change.execute(
                "UPDATE ledger SET gone = min(coalesce(lost, ?5), ?5)
                 WHERE scope = ?1 AND kind = ?2 AND name = ?3 AND role = ?4 AND gone IS NULL",
                params![scope, key.kind, key.name, role, at],
            )?;
            change.execute(
                "INSERT INTO generation (scope, kind, name, role, number) VALUES (?1, ?2, ?3, ?4, 1)
                 ON CONFLICT (scope, kind, name, role) DO UPDATE SET number = number + 1",
                params![scope, key.kind, key.name, role],
            )?;
            change.commit()
        })
    }

    /// Notes that what has this id in this region is gone in the scopes of the same account with other regions, too: they
    /// may share a region.
    pub fn leave_elsewhere(&self, scope: &str, region: &str, id: &str, at: i64) -> Result<(), Problem> {
        let same: Vec<(String, Key)> = self.with(|connection| {
            connection
                .prepare_cached(
                    "SELECT scope, kind, name, role FROM ledger WHERE substr(scope, 1, length(?1)) = ?1 AND scope <> ?2
                     AND region = ?3 AND id = ?4 AND id <> '' AND gone IS NULL",
                )?
                .query_map(params![account_of(scope), scope, region, id], |row| Ok((row.get("scope")?, key_of(row)?)))?
                .collect()
        })?;
        same.iter().try_for_each(|(scope, key)| self.leave(scope, key, at))
    }

    /// What stands in the scopes of the same account with other regions and is not known in this one; what a call was to make
    /// whose outcome nobody knows counts too.
    pub fn elsewhere(&self, scope: &str) -> Result<Vec<Elsewhere>, Problem> {
        let rows: Vec<(String, String, usize, f64)> = self.with(|connection| {
            connection
                .prepare_cached(
                    "WITH other AS (
                         SELECT scope, kind, name, role, region, price, id FROM ledger WHERE gone IS NULL AND lost IS NULL
                         UNION ALL
                         SELECT scope, kind, name, role, region, 0.0, '' FROM journal AS made
                         WHERE outcome IS NULL AND first AND effect = 'create' AND NOT EXISTS (
                             SELECT 1 FROM ledger WHERE ledger.scope = made.scope AND ledger.kind = made.kind
                             AND ledger.name = made.name AND ledger.role = made.role AND ledger.gone IS NULL))
                     SELECT scope, region, count(DISTINCT kind || ' ' || name || ' ' || role), total(price) FROM other
                     WHERE substr(scope, 1, length(?1)) = ?1 AND scope <> ?2 AND NOT EXISTS (
                         SELECT 1 FROM ledger WHERE ledger.scope = ?2 AND ledger.region = other.region
                         AND ledger.id = other.id AND ledger.id <> '' AND ledger.gone IS NULL)
                     GROUP BY scope, region ORDER BY scope, region",
                )?
                .query_map(params![account_of(scope), scope], |row| {
                    let count: i64 = row.get(2)?;
                    Ok((row.get(0)?, row.get(1)?, usize::try_from(count).unwrap_or(0), row.get(3)?))
                })?
                .collect()
        })?;
        let mut found: Vec<Elsewhere> = Vec::new();
        for (scope, region, count, price) in rows {
            let mut parts = scope.rsplit('/');
            let peer = parts.next().unwrap_or_default().to_owned();
            let home = parts.next().unwrap_or_default().to_owned();
            let at = found.iter().position(|one| one.home == home && one.peer == peer).unwrap_or(found.len());
            if at == found.len() {
                found.push(Elsewhere { home, peer, ..Elsewhere::default() });
            }
            if let Some(place) = found.get_mut(at) {
                place.regions.push(region);
                place.count += count;
                place.cost_per_hour += price;
            }
        }
        Ok(found)
    }

    /// Notes that a resource of the ledger was not there (`Some`), or is there again (`None`).
    pub fn lost(&self, scope: &str, key: &Key, at: Option<i64>) -> Result<(), Problem> {
        self.with(|connection| {
            connection.execute(
                "UPDATE ledger SET lost = CASE WHEN ?5 IS NULL THEN NULL ELSE coalesce(lost, ?5) END
                 WHERE scope = ?1 AND kind = ?2 AND name = ?3 AND role = ?4 AND gone IS NULL",
                params![scope, key.kind, key.name, role_word(key.role), at],
            )?;
            Ok(())
        })
    }

    /// How many namesakes of a resource are gone already: part of its client token.
    pub fn generation(&self, scope: &str, key: &Key) -> Result<i64, Problem> {
        self.with(|connection| {
            connection
                .query_row(
                    "SELECT number FROM generation WHERE scope = ?1 AND kind = ?2 AND name = ?3 AND role = ?4",
                    params![scope, key.kind, key.name, role_word(key.role)],
                    |row| row.get(0),
                )
                .optional()
                .map(|number| number.unwrap_or(0))
        })
    }

    /// The run that the live resources of this scope belong to, if there are any.
    pub fn current_run(&self, scope: &str) -> Result<Option<String>, Problem> {
        self.with(|connection| {
            connection
                .query_row(
                    "SELECT run FROM (SELECT run, row AS at FROM ledger WHERE scope = ?1 AND gone IS NULL AND NOT adopted
                     UNION ALL SELECT run, number FROM journal WHERE scope = ?1 AND outcome IS NULL) ORDER BY at LIMIT 1",
                    [scope],
                    |row| row.get(0),
                )
                .optional()
        })
    }
}
