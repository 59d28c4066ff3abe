//! What the loader needs to know of a resource kind to check a declaration, without knowing AWS.

/// The type of a declared field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// Any string.
    Text,
    /// A list of strings.
    Texts,
    /// A whole number.
    Int,
    /// `true` or `false`.
    Bool,
    /// An IPv4 block such as `10.1.0.0/16`.
    Cidr,
    /// An availability zone letter of the course: `a` or `c`.
    Zone,
    /// The name of another resource of this kind.
    Ref(&'static str),
    /// The name of a resource of one of these kinds.
    RefOf(&'static [&'static str]),
    /// A list of names of resources of this kind.
    Refs(&'static str),
    /// One of these words.
    Word(&'static [&'static str]),
    /// Where a rule lets in from: a CIDR block, `my-ip`, `anywhere`, or the name of a security group.
    Source,
}

/// How a field that differs can be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutability {
    /// A call changes it in place.
    InPlace,
    /// Only deleting the resource and making it again changes it.
    Replace,
    /// It is not compared.
    Ignored,
}

/// A field of a kind.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// As written in the course files.
    pub name: &'static str,
    /// Its type.
    pub kind: FieldType,
    /// Whether a declaration must give it.
    pub required: bool,
    /// How a difference is mended.
    pub mutability: Mutability,
    /// For a reference: whether the other must be ready (`true`) or may merely exist (`false`) before this is made.
    pub ready: bool,
    /// For a reference: whether the other may live in the other region.
    pub across: bool,
    /// The words that a person reads for it, Korean and English: `("서브넷", "subnet")`.
    pub words: (&'static str, &'static str),
}

impl Field {
    /// A required field that can only be changed by replacing the resource.
    pub const fn new(name: &'static str, kind: FieldType, words: (&'static str, &'static str)) -> Self {
        Self { name, kind, required: true, mutability: Mutability::Replace, ready: false, across: false, words }
    }

    /// The field may be left out.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// A call can change the field.
    #[must_use]
    pub const fn in_place(mut self) -> Self {
        self.mutability = Mutability::InPlace;
        self
    }

    /// The field is not compared with what is observed.
    #[must_use]
    pub const fn ignored(mut self) -> Self {
        self.mutability = Mutability::Ignored;
        self
    }

    /// The referenced resource may live in the other region; one in the same region is meant first.
    #[must_use]
    pub const fn across(mut self) -> Self {
        self.across = true;
        self
    }

    /// The referenced resource must be ready first.
    #[must_use]
    pub const fn when_ready(mut self) -> Self {
        self.ready = true;
        self
    }
}

/// Tells the loader which kinds there are.
pub trait Schema {
    /// The fields of a kind, or `None` when there is no such kind.
    fn fields(&self, kind: &str) -> Option<&'static [Field]>;
    /// All kinds' names.
    fn kinds(&self) -> Vec<&'static str>;
}
