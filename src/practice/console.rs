//! A shell on an instance of the practice cloud, line by line, as the full screen and `awslab practice shell` use it.
//!
//! Promises: a line is begun by one stored change and then runs in practice time like everything else; whoever began it looks how it stands.
//! Leaves to others: what the line means and does ([`super::shell`], [`super::world::host`]), and waiting.

use super::shell::Env;
use super::world::host::ShellView;
use super::{Cloud, StorageError};

/// A line that has been begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    region: String,
    id: u64,
}

/// Why no shell opens on an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// There is no instance with this id or name.
    NoInstance,
    /// Several instances have this name.
    Several,
    /// It does not run, or its services are not up yet.
    NotUp,
}

/// An instance on which a shell may be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Console {
    region: String,
    /// The instance's id.
    pub instance: String,
    /// `ip-10-1-11-5`
    pub host: String,
}

impl Console {
    /// The prompt before a line: `[root@ip-10-1-11-5 ~]# `.
    pub fn prompt(&self, env: &Env) -> String {
        let directory = match env.directory.as_str() {
            "/root" => "~",
            "/" => "/",
            other => other.rsplit('/').next().unwrap_or_default(),
        };
        format!("[root@{} {directory}]# ", self.host)
    }
}

impl Cloud {
    /// Finds an instance by its id or its Name tag, in any region.
    pub fn console(&self, instance: &str) -> Result<Result<Console, Closed>, StorageError> {
        self.look(|world| {
            let mut found = Vec::new();
            for region in world.regions() {
                let name = |id: &str| region.tags.get(id).and_then(|tags| tags.get("Name")).map(String::as_str);
                let all = region.instances.values().filter(|one| !one.state.is_ending());
                for one in all.filter(|one| one.id == instance || name(&one.id) == Some(instance)) {
                    let interface = one.interfaces.first().and_then(|id| region.interfaces.get(id));
                    let address = interface.map(|one| one.private_ip.to_string().replace('.', "-")).unwrap_or_default();
                    found.push(Console {
                        region: region.name().to_owned(),
                        instance: one.id.clone(),
                        host: format!("ip-{address}"),
                    });
                }
            }
            match (found.pop(), found.is_empty()) {
                (None, _) => Err(Closed::NoInstance),
                (Some(_), false) => Err(Closed::Several),
                (Some(one), true) => Ok(one),
            }
        })
    }

    /// Begins a line in a shell on an instance.
    pub fn shell(&self, console: &Console, line: &str, env: Env) -> Result<Result<Line, Closed>, StorageError> {
        self.edit(|world| {
            let begun = world.with_beyond(&console.region, |region, beyond| {
                region.changed();
                region.begin_shell(beyond, &console.instance, line, env)
            });
            world.settle();
            begun.flatten().map(|id| Line { region: console.region.clone(), id }).ok_or(Closed::NotUp)
        })
    }

    /// How a line stands; none when it has been forgotten (an hour after its end).
    pub fn shell_view(&self, line: &Line) -> Result<Option<ShellView>, StorageError> {
        self.look(|world| world.region(&line.region).and_then(|region| region.shell_view(line.id)))
    }

    /// Ctrl-C.
    pub fn interrupt_shell(&self, line: &Line) -> Result<(), StorageError> {
        self.edit(|world| {
            let region = world.region_mut(&line.region);
            region.interrupt_shell(line.id);
            region.changed();
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::practice::Options;

    #[test]
    fn no_shell_where_there_is_no_instance() {
        let cloud = Cloud::in_memory(Options { seed: Some(1), ..Options::default() }).unwrap();
        assert_eq!(cloud.console("i-0").unwrap(), Err(Closed::NoInstance));
        let console = Console { region: "ap-northeast-2".into(), instance: "i-0".into(), host: "ip-10-1-1-1".into() };
        assert_eq!(cloud.shell(&console, "true", Env::root("/root")).unwrap(), Err(Closed::NotUp));
        assert_eq!(console.prompt(&Env::root("/root")), "[root@ip-10-1-1-1 ~]# ");
        assert_eq!(console.prompt(&Env::root("/var/log")), "[root@ip-10-1-1-1 log]# ");
    }
}
