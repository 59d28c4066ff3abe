//! The command line, as clap sees it. What the words mean is the matter of `commands`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::completions::CompletionsArgs;
use crate::commands::doctor::DoctorArgs;
use crate::commands::labs::LabsArgs;
use crate::commands::load::LoadCommand;
use crate::commands::man::ManArgs;
use crate::commands::monitor::MonitorArgs;
use crate::commands::practice::{PracticeArgs, speed};
use crate::commands::tool::ToolArgs;
use crate::i18n::Lang;

/// A full-screen terminal guide through AWS labs, with a practice cloud inside
#[derive(Debug, Clone, Default, Parser)]
#[command(name = "awslab", version, propagate_version = true)]
pub struct Cli {
    /// The global options.
    #[command(flatten)]
    pub global: Global,
    /// What to do; the full screen when nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// What the program was called with.
    ///
    /// Most starts say nothing at all: then there is nothing to parse, and the first screen need not wait until clap
    /// has built every command (2.5 ms).
    ///
    /// # Errors
    /// What clap does not understand, and the texts that it was asked for.
    pub fn of_this_process() -> Result<Self, clap::Error> {
        if std::env::args_os().len() <= 1 { Ok(Self::default()) } else { Self::try_parse() }
    }
}

/// Options of every command.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// Use the practice cloud inside awslab: free, no account (the default)
    #[arg(long, global = true, conflicts_with = "aws")]
    pub practice: bool,
    /// Use AWS, or what AWS_ENDPOINT_URL names
    #[arg(long, global = true)]
    pub aws: bool,
    /// The AWS profile
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// The home region [default: AWS_REGION, else ap-northeast-2]
    #[arg(long, global = true, value_name = "REGION")]
    pub region: Option<String>,
    /// The peer region, another one than home [default: ap-northeast-1]
    #[arg(long, global = true, value_name = "REGION")]
    pub peer_region: Option<String>,
    /// Your public IPv4 address, when it cannot be found
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub my_ip: Option<std::net::Ipv4Addr>,
    /// Your own domain in Route 53, or none to do without one; kept [practice: lab.example]
    #[arg(long, global = true, value_name = "NAME")]
    pub domain: Option<String>,
    /// The language [default: AWSLAB_LANG, else the locale]
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<LangArg>,
    /// Practice seconds that pass in one second, from now on; kept [at first: 30]
    #[arg(long, global = true, value_name = "N", value_parser = speed, allow_negative_numbers = true)]
    pub speed: Option<f64>,
    /// Take the course from this folder
    #[arg(long, global = true, value_name = "DIR")]
    pub labs: Option<PathBuf>,
    /// Refuse everything that changes the cloud
    #[arg(long, global = true)]
    pub read_only: bool,
    /// No colours
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// `ko` or `en`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LangArg {
    /// 한국어
    Ko,
    /// English
    En,
}

impl From<LangArg> for Lang {
    fn from(arg: LangArg) -> Self {
        match arg {
            LangArg::Ko => Self::Ko,
            LangArg::En => Self::En,
        }
    }
}

/// The commands.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Open the full screen at the first unfinished step
    Resume {
        /// A chapter, section or step: vpc, 3, 3.4
        chapter: Option<String>,
    },
    /// Watch an Auto Scaling group live: load, alarms, activities, instances and targets on one time axis
    Monitor(MonitorArgs),
    /// List chapters, sections and steps with progress
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show the calls of some steps without running them
    Plan {
        /// Chapters, sections or steps: vpc, 3.2, vpc.network.nat
        #[arg(required = true)]
        target: Vec<String>,
        /// Print JSON
        #[arg(long, conflicts_with = "cli")]
        json: bool,
        /// Print a shell script for the AWS CLI
        #[arg(long)]
        cli: bool,
    },
    /// Run some steps without the full screen
    Run {
        /// Chapters, sections or steps: vpc, 3.2, vpc.network.nat
        #[arg(required = true)]
        target: Vec<String>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// The account that must be meant; with --aws and --yes it must be given
        #[arg(long, value_name = "ID")]
        account: Option<String>,
        /// Print one JSON object a line for every phase
        #[arg(long)]
        json: bool,
    },
    /// Check some steps against what is there
    Check {
        /// Chapters, sections or steps: vpc, 3.2, vpc.network.nat
        #[arg(required = true)]
        target: Vec<String>,
        /// Watch what you do by hand, say each change, and end when all is right
        #[arg(long)]
        watch: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what stands and what it costs
    Status {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Put load on an instance of an Auto Scaling group, or take it off
    Load {
        /// What to do
        #[command(subcommand)]
        what: LoadCommand,
    },
    /// Print the password that awslab made up for a database
    Password {
        /// The database: my-alchemine-app-rds
        database: String,
    },
    /// Delete what was made, in order, and look again
    Cleanup {
        /// Chapters, sections or steps; everything when nothing is named
        target: Vec<String>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Only show what would be deleted
        #[arg(long)]
        dry_run: bool,
        /// The account that must be meant; with --aws and --yes it must be given
        #[arg(long, value_name = "ID")]
        account: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Ask the questions of some pages on plain input and output
    Quiz {
        /// Chapters, sections or steps; every page with open questions when nothing is named
        target: Vec<String>,
    },
    /// Print the least IAM policy that some steps need
    Policy {
        /// Chapters, sections or steps: vpc, 3.2, vpc.network.nat
        #[arg(required = true)]
        target: Vec<String>,
    },
    /// See whether everything is here that the labs need
    Doctor(DoctorArgs),
    /// Look after course files
    Labs(LabsArgs),
    /// The practice cloud: serve it, reset it, set its clock and its faults
    Practice(PracticeArgs),
    /// Work out what chapters 1 and 2 show: addresses, subnets, transfers, handshakes, packets
    Tool(ToolArgs),
    /// Print the completion script of a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    Man(ManArgs),
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn without_arguments_the_default_is_what_clap_would_make() {
        let parsed = Cli::try_parse_from(["awslab"]).unwrap();
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Cli::default()));
    }
}
