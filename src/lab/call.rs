//! One change to the cloud.
//!
//! From the same [`Call`] come the preview line, the AWS CLI command, the IAM action, the journal entry and
//! the SDK request, so they cannot drift apart.

use serde::{Deserialize, Serialize};

use crate::course::model::Key;

/// The AWS services that calls go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Amazon EC2, with VPC.
    Ec2,
    /// Systems Manager.
    Ssm,
    /// Security Token Service.
    Sts,
    /// EC2 Auto Scaling.
    Autoscaling,
    /// CloudWatch.
    Cloudwatch,
    /// Elastic Load Balancing, version 2: Application Load Balancers.
    Elbv2,
    /// Identity and Access Management.
    Iam,
    /// Relational Database Service.
    Rds,
    /// AWS Certificate Manager.
    Acm,
    /// Route 53.
    Route53,
}

impl Service {
    /// The AWS CLI's command group: `aws ec2 ...`.
    pub const fn cli(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Ssm => "ssm",
            Self::Sts => "sts",
            Self::Autoscaling => "autoscaling",
            Self::Cloudwatch => "cloudwatch",
            Self::Elbv2 => "elbv2",
            Self::Iam => "iam",
            Self::Rds => "rds",
            Self::Acm => "acm",
            Self::Route53 => "route53",
        }
    }

    /// The prefix of its IAM actions: `ec2:CreateVpc`.
    pub const fn iam(self) -> &'static str {
        match self {
            Self::Elbv2 => "elasticloadbalancing",
            other => other.cli(),
        }
    }
}

/// Something of another resource that is known only once that resource exists.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Of {
    /// Whose.
    pub key: Key,
    /// `id`, or a field of the observed resource such as `public_ip` or `association_id`.
    pub attr: String,
}

/// An argument of a call, in the shape of the AWS API (member names in PascalCase).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Arg {
    /// A string.
    Text(String),
    /// A number.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// A list.
    List(Vec<Arg>),
    /// One string made of several, with commas between them: `subnet-1,subnet-2`.
    Joined(Vec<Arg>),
    /// A structure; the order is that of the preview.
    Map(Vec<(String, Arg)>),
    /// The id (or another attribute) of a resource that may not exist yet.
    Of(Of),
    /// A script: base64 on the wire, a file on the command line.
    UserData(String),
    /// The public half of the key pair with this name; the file is made when the call is sent.
    PublicKey(String),
    /// The password that is generated for the resource with this name when the call is sent. Only its name is ever in a
    /// call: the password itself goes from its file to the request.
    Password(String),
}

impl Arg {
    /// A string argument.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The id of another resource.
    pub fn id(key: &Key) -> Self {
        Self::Of(Of { key: key.clone(), attr: "id".into() })
    }

    /// Another attribute of another resource.
    pub fn attr(key: &Key, attr: &str) -> Self {
        Self::Of(Of { key: key.clone(), attr: attr.into() })
    }

    /// A structure.
    pub fn map<const N: usize>(members: [(&str, Arg); N]) -> Self {
        Self::Map(members.into_iter().map(|(name, arg)| (name.to_owned(), arg)).collect())
    }

    /// The string, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// All attributes of other resources that the argument waits for.
    pub fn waits_for<'a>(&'a self, found: &mut Vec<&'a Of>) {
        match self {
            Self::Of(of) => found.push(of),
            Self::List(items) | Self::Joined(items) => items.iter().for_each(|item| item.waits_for(found)),
            Self::Map(members) => members.iter().for_each(|(_, arg)| arg.waits_for(found)),
            _ => {}
        }
    }
}

/// What a call does, for previews and for the rule that reads are never hidden mutations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Makes a resource.
    Create,
    /// Changes one.
    Change,
    /// Deletes one.
    Delete,
}

/// One change to the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The service.
    pub service: Service,
    /// The API operation: `CreateNatGateway`.
    pub operation: String,
    /// The region it is sent to: `ap-northeast-2`.
    pub region: String,
    /// The course resource that it makes, changes or deletes.
    pub key: Key,
    /// The step that it belongs to.
    pub step: String,
    /// What it does.
    pub effect: Effect,
    /// Its arguments, in the order of the preview.
    pub args: Vec<(String, Arg)>,
    /// Where the new id is in the response, as the AWS CLI's `--query` writes it: `Vpc.VpcId`.
    pub gives: Option<String>,
    /// Error codes that mean that it is done already (`InvalidPermission.Duplicate`, `Gateway.NotAttached`, `*.NotFound` on delete).
    pub done_if: Vec<String>,
    /// Error codes that pass by themselves within a minute or two (eventual consistency, a resource still in use). Where a
    /// code means many things, a part of AWS's message follows it: `ValidationError~Invalid IAM Instance Profile`.
    pub again_if: Vec<String>,
}

impl Call {
    /// A call with no arguments yet.
    pub fn new(service: Service, operation: &str, effect: Effect, key: &Key, step: &str, region: &str) -> Self {
        Self {
            service,
            operation: operation.to_owned(),
            region: region.to_owned(),
            key: key.clone(),
            step: step.to_owned(),
            effect,
            args: Vec::new(),
            gives: None,
            done_if: Vec::new(),
            again_if: Vec::new(),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, name: &str, arg: Arg) -> Self {
        self.args.push((name.to_owned(), arg));
        self
    }

    /// Says where the new id is in the response.
    #[must_use]
    pub fn gives(mut self, path: &str) -> Self {
        self.gives = Some(path.to_owned());
        self
    }

    /// Adds error codes that mean that it is done already.
    #[must_use]
    pub fn done_if(mut self, codes: &[&str]) -> Self {
        self.done_if.extend(codes.iter().map(|code| (*code).to_owned()));
        self
    }

    /// Adds error codes that pass by themselves.
    #[must_use]
    pub fn again_if(mut self, codes: &[&str]) -> Self {
        self.again_if.extend(codes.iter().map(|code| (*code).to_owned()));
        self
    }

    /// The IAM action that it needs: `ec2:CreateVpc`.
    pub fn iam_action(&self) -> String {
        format!("{}:{}", self.service.iam(), self.operation)
    }

    /// Everything of other resources that must be known before it can be sent.
    pub fn waits_for(&self) -> Vec<&Of> {
        let mut found = Vec::new();
        for (_, arg) in &self.args {
            arg.waits_for(&mut found);
        }
        found
    }

    /// The call with every [`Arg::Of`] that `known` knows replaced.
    #[must_use]
    pub fn settled(&self, known: &dyn Fn(&Of) -> Option<String>) -> Self {
        let mut call = self.clone();
        call.args.iter_mut().for_each(|(_, arg)| settle_arg(arg, known));
        call
    }

    /// The call with every [`Arg::Of`] replaced by what `known` says, or the first one that is not known.
    pub fn bind(&self, known: &dyn Fn(&Of) -> Option<String>) -> Result<BoundCall, Of> {
        let mut call = self.clone();
        for (_, arg) in &mut call.args {
            bind_arg(arg, known)?;
        }
        Ok(BoundCall(call))
    }
}

fn settle_arg(arg: &mut Arg, known: &dyn Fn(&Of) -> Option<String>) {
    match arg {
        Arg::Of(of) => {
            if let Some(value) = known(of) {
                *arg = Arg::Text(value);
            }
        }
        Arg::List(items) | Arg::Joined(items) => items.iter_mut().for_each(|item| settle_arg(item, known)),
        Arg::Map(members) => members.iter_mut().for_each(|(_, member)| settle_arg(member, known)),
        _ => {}
    }
}

fn bind_arg(arg: &mut Arg, known: &dyn Fn(&Of) -> Option<String>) -> Result<(), Of> {
    match arg {
        Arg::Of(of) => {
            let value = known(of).ok_or_else(|| of.clone())?;
            *arg = Arg::Text(value);
        }
        Arg::List(items) => {
            for item in items {
                bind_arg(item, known)?;
            }
        }
        Arg::Joined(items) => {
            for item in items.iter_mut() {
                bind_arg(item, known)?;
            }
            let texts: Vec<&str> = items.iter().filter_map(Arg::as_text).collect();
            *arg = Arg::Text(texts.join(","));
        }
        Arg::Map(members) => {
            for (_, member) in members {
                bind_arg(member, known)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// A call whose every argument is known: what `cloud` sends and the journal keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundCall(pub Call);

impl BoundCall {
    /// The argument with this name.
    pub fn arg(&self, name: &str) -> Option<&Arg> {
        self.0.args.iter().find(|(n, _)| n == name).map(|(_, arg)| arg)
    }

    /// The string argument with this name.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.arg(name)? {
            Arg::Text(text) | Arg::UserData(text) | Arg::PublicKey(text) => Some(text),
            _ => None,
        }
    }
}
