//! What a learner should know who made something under another name, in another region, or twice.

use crate::course::model::{Key, Role, Step};
use crate::course::schema::Mutability;
use crate::i18n::Text;
use crate::lab::plan::Scene;
use crate::lab::report::Plan;
use crate::lab::world::{Health, Mend, Observed, Sight};

/// How many candidates are named; more are only counted.
const MOST: usize = 3;

/// Kinds that are known by what they say, not by a name: a name would not make another one right.
const NAMELESS: [&str; 4] = ["security-group-rule", "route", "route-table-association", "elastic-ip-association"];

/// Several live ones of a name that the step only needs: which of them is meant, nobody can tell.
pub(super) fn several(scene: &Scene<'_>, step: &Step, plan: &Plan) -> Vec<Text> {
    let own = |key: &Key| step.resources.iter().any(|one| one.key == *key);
    let others = plan.ambiguous.iter().filter(|(key, _)| !own(key));
    others
        .map(|(key, ids)| {
            let (kind, ids) = (kind_of(scene, key), ids.join(", "));
            Text::new(
                format!("{} `{}`: 같은 이름이 여러 개 있습니다 ({ids}). 하나만 남겨 주세요.", kind.ko, key.name),
                format!("There are several {} named `{}` ({ids}). Keep one of them.", kind.en, key.name),
            )
        })
        .collect()
}

/// What stands under the right name in the wrong region.
pub(super) fn elsewhere(scene: &Scene<'_>, found: &[Observed]) -> Vec<Text> {
    let right = |key: &Key| scene.facts.scope.region(other(key.role)).to_owned();
    found
        .iter()
        .map(|one| {
            let (kind, name, id, wrong, right) = (kind_of(scene, &one.key), &one.key.name, &one.id, &one.region, right(&one.key));
            Text::new(
                format!(
                    "{} `{name}`: 다른 리전 {wrong}에 있습니다 ({id}). 이 단계는 {right}에서 합니다. 리전을 바꾸어 다시 만들고, \
                     잘못 만든 것은 지워 주세요.",
                    kind.ko
                ),
                format!(
                    "{} `{name}` is in another Region, {wrong} ({id}). This step belongs in {right}: change the Region, make it \
                     again, and delete the one that went astray.",
                    kind.en
                ),
            )
        })
        .collect()
}

/// The other of the course's two regions.
pub const fn other(role: Role) -> Role {
    match role {
        Role::Home => Role::Peer,
        Role::Peer => Role::Home,
    }
}

/// What could be meant for something that is missing, but is called otherwise.
pub(super) fn strays(scene: &Scene<'_>, step: &Step, strays: &[Observed]) -> Vec<Text> {
    let missing: Vec<&Key> = step
        .resources
        .iter()
        .map(|one| &one.key)
        .filter(|key| matches!(scene.world.sights.get(key), None | Some(Sight::Absent)))
        .collect();
    let mut out = Vec::new();
    let mut more = 0_usize;
    for stray in strays.iter().filter(|stray| is_free(scene, stray)) {
        let meant: Vec<&str> =
            missing.iter().filter(|key| could_be(scene, stray, key)).map(|key| key.name.as_str()).collect();
        if meant.is_empty() {
            continue;
        }
        if out.len() >= MOST {
            more += 1;
            continue;
        }
        out.push(called_otherwise(scene, stray, &meant));
    }
    if more > 0 {
        out.push(Text::new(
            format!("이름이 다른 것이 {more}개 더 있습니다."),
            format!("{more} more have other names."),
        ));
    }
    out
}

/// Whether a live resource is nobody's: not the course's under any name, not the cloud's own, and alive.
fn is_free(scene: &Scene<'_>, stray: &Observed) -> bool {
    let of_course =
        scene.desired.iter().any(|one| one.key == stray.key) || scene.world.found().any(|one| one.id == stray.id);
    let of_group = stray.tags.contains_key("aws:autoscaling:groupName");
    let of_cloud = stray.key.kind == "security-group" && stray.key.name == "default";
    // What is in somebody else's VPC, such as the default one, is theirs.
    let ours = |vpc: &str| scene.world.found().any(|one| one.key.kind == "vpc" && one.id == vpc);
    let of_others = stray.text("vpc").is_some_and(|vpc| !vpc.is_empty() && !ours(vpc));
    !(of_others || of_course || of_group || of_cloud || matches!(stray.health, Health::Deleting | Health::Failed))
}

/// Whether only its name stands against taking it for this one.
fn could_be(scene: &Scene<'_>, stray: &Observed, key: &Key) -> bool {
    if stray.key.kind != key.kind || stray.key.role != key.role || NAMELESS.contains(&key.kind.as_str()) {
        return false;
    }
    let (Some(desired), Some(kind)) = (scene.desired(key), scene.kinds.kind(&key.kind)) else { return false };
    // What cannot be changed tells what a thing is; where a kind has nothing of that sort, only the name can tell.
    let telling = kind
        .fields()
        .iter()
        .any(|field| matches!(field.mutability, Mutability::Replace) && desired.fields.contains_key(field.name));
    if !telling && stray.key.name != stray.id && !is_similar(&stray.key.name, &key.name) {
        return false;
    }
    let taken = Observed { key: key.clone(), ..stray.clone() };
    kind.differences(desired, &taken, &scene.env()).iter().all(|difference| difference.mend != Mend::Replace)
}

/// Whether one name looks like a slip of the other: the same but for case and signs, a part of it, or a few letters off.
fn is_similar(one: &str, other: &str) -> bool {
    let bare = |name: &str| -> Vec<char> {
        let letters: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        letters.strip_prefix("my").unwrap_or(&letters).chars().collect()
    };
    let (one, other) = (bare(one), bare(other));
    let text = |chars: &[char]| chars.iter().collect::<String>();
    let within = |small: &[char], large: &[char]| small.len() >= 4 && text(large).contains(&text(small));
    within(&one, &other) || within(&other, &one) || distance(&one, &other) <= other.len() / 4
}

/// How many letters must be added, taken away or changed.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, a) in one.iter().enumerate() {
        let mut corner = at;
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
        for (to, b) in other.iter().enumerate() {
            let (left, up) = (row[to], row[to + 1]);
            let least = (corner + usize::from(a != b)).min(left + 1).min(up + 1);
            corner = up;
            row[to + 1] = least;
        }
    }
    row.last().copied().unwrap_or(0)
}

fn called_otherwise(scene: &Scene<'_>, stray: &Observed, meant: &[&str]) -> Text {
    let kind = kind_of(scene, &stray.key);
    let id = &stray.id;
    let names = meant.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
    let (ko_names, en_names) = (names.join(" 또는 "), names.join(" or "));
    let nameless = stray.key.name == stray.id;
    // A name of its own is for life; a tag is not.
    let for_life = stray.text("name").is_some();
    let (found_ko, found_en) = if nameless {
        (format!("{} `{id}`에 이름이 없습니다.", kind.ko), format!("{} `{id}` has no name.", kind.en))
    } else {
        let name = &stray.key.name;
        (format!("{} `{id}`의 이름은 `{name}`입니다.", kind.ko), format!("{} `{id}` is called `{name}`.", kind.en))
    };
    let (mend_ko, mend_en) = if for_life {
        (
            "이 이름은 나중에 바꿀 수 없으니, 지우고 다시 만들어 주세요.",
            "This name cannot be changed: delete it and make it again.",
        )
    } else {
        ("Name 태그를 고치면 바로 알아봅니다.", "Change its tag Name, and it is recognized at once.")
    };
    Text::new(
        format!("{found_ko} 이 단계의 것이라면 이름은 {ko_names}이어야 합니다. {mend_ko}"),
        format!("{found_en} If it belongs to this step, its name should be {en_names}. {mend_en}"),
    )
}

fn kind_of(scene: &Scene<'_>, key: &Key) -> Text {
    scene.kinds.kind(&key.kind).map_or_else(|| Text::same(&key.kind), |kind| kind.title())
}
