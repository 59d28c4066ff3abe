//! The two regions of a session: what was said, and whether it can be.
//!
//! Promises: home and peer are two regions; on the practice cloud they are two that it has. Asks nobody.

use crate::lab::facts::{SEOUL, usual_peer};
use crate::practice::world::catalogue::REGIONS;
use crate::problem::{Problem, ProblemKind};

use super::{Setup, Target};

impl Setup {
    /// The home and the peer region: `--region` (on AWS else `AWS_REGION`), else Seoul; `--peer-region`, else Tokyo, or Seoul
    /// for whoever is at home in Tokyo.
    ///
    /// # Errors
    /// When one of them is no region, or both are the same: what stands in one would be counted twice, or not at all.
    pub fn regions(&self) -> Result<(String, String), Problem> {
        let (home, from) = match (&self.region, self.target) {
            (Some(region), _) => (Some(region.clone()), "--region"),
            (None, Target::Aws) => (of_environment(), "AWS_REGION"),
            (None, Target::Practice) => (None, ""),
        };
        choose(self.target, home.as_deref().map(|home| (home, from)), self.peer.as_deref())
    }

    /// Whether somebody said which region is home.
    pub(super) fn says_home(&self) -> bool {
        self.region.is_some() || (self.target == Target::Aws && of_environment().is_some())
    }
}

fn of_environment() -> Option<String> {
    std::env::var("AWS_REGION").ok().filter(|region| !region.is_empty())
}

/// `home` comes with where it was said.
fn choose(target: Target, home: Option<(&str, &str)>, peer: Option<&str>) -> Result<(String, String), Problem> {
    if let Some((home, from)) = home {
        known(target, home, from)?;
    }
    if let Some(peer) = peer {
        known(target, peer, "--peer-region")?;
    }
    let home = home.map_or(SEOUL, |(home, _)| home);
    let peer = peer.unwrap_or_else(|| usual_peer(home));
    if home == peer {
        let other = usual_peer(home);
        return Err(Problem::new(
            ProblemKind::Usage,
            format!("두 리전이 모두 {home}입니다"),
            format!("Both regions are {home}"),
        )
        .because(
            "실습은 서로 다른 두 리전을 씁니다: 홈 리전과, 피어링으로 잇는 두 번째 리전",
            "The labs use two different regions: the home region, and a second one that is joined by peering",
        )
        .hint(
            format!("두 번째 리전을 다르게 적어 주세요: --peer-region {other}"),
            format!("Give another second region: --peer-region {other}"),
        ));
    }
    Ok((home.to_owned(), peer.to_owned()))
}

/// Whether there is such a region; on AWS, whose regions become more, whether there can be.
fn known(target: Target, region: &str, from: &str) -> Result<(), Problem> {
    let there = match target {
        Target::Practice => REGIONS.contains(&region),
        Target::Aws => looks_like_one(region),
    };
    if there {
        return Ok(());
    }
    let mut problem = Problem::new(
        ProblemKind::Usage,
        format!("{region}: 그런 리전은 없습니다 ({from})"),
        format!("There is no region {region} ({from})"),
    );
    let likeness = |known: &str| strsim::jaro_winkler(known, region);
    let near = REGIONS.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).filter(|near| likeness(near) > 0.85);
    if let Some(near) = near {
        problem = problem.hint(format!("혹시 이것인가요: {near}"), format!("Did you mean {near}?"));
    }
    let all = REGIONS.join(", ");
    Err(match target {
        Target::Practice => {
            problem.hint(format!("연습 클라우드의 리전: {all}"), format!("The practice cloud has: {all}"))
        }
        // AWS has many more, and gets new ones.
        Target::Aws => problem.hint(format!("이렇게 적어 주세요: {SEOUL}"), format!("Write it like {SEOUL}")),
    })
}

/// `ap-northeast-2`, `us-gov-west-1`: words of letters, then a number.
fn looks_like_one(region: &str) -> bool {
    let mut words: Vec<&str> = region.split('-').collect();
    let number = words.pop().unwrap_or_default();
    let letters = |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
    words.len() >= 2 && words.iter().all(letters) && !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::lab::facts::TOKYO;

    #[test]
    fn two_regions_are_two() {
        let pair = |home: Option<&str>, peer| choose(Target::Practice, home.map(|home| (home, "--region")), peer);
        assert_eq!(pair(None, None).unwrap(), (SEOUL.to_owned(), TOKYO.to_owned()));
        assert_eq!(pair(Some(TOKYO), None).unwrap(), (TOKYO.to_owned(), SEOUL.to_owned()));
        assert_eq!(pair(Some("us-east-1"), None).unwrap().1, TOKYO);
        for (home, peer) in [(None, Some(SEOUL)), (Some("us-east-1"), Some("us-east-1"))] {
            let problem = pair(home, peer).unwrap_err();
            assert_eq!(problem.kind, ProblemKind::Usage);
            assert!(problem.hints[0].en.contains("--peer-region ap-northeast-1"), "{problem}");
        }
        assert!(pair(Some(TOKYO), Some(TOKYO)).unwrap_err().hints[0].ko.contains("--peer-region ap-northeast-2"));
    }

    #[test]
    fn a_region_that_is_none_is_named_with_what_may_be_meant() {
        let of = |target, region| choose(target, Some((region, "AWS_REGION")), None);
        let mars = of(Target::Practice, "mars-1").unwrap_err();
        assert_eq!(mars.kind, ProblemKind::Usage);
        assert!(mars.title.en.contains("mars-1 (AWS_REGION)") && mars.hints[0].en.contains("ap-northeast-2"), "{mars}");
        let typo = choose(Target::Practice, None, Some("ap-notheast-1")).unwrap_err();
        assert!(typo.title.ko.contains("--peer-region") && typo.hints[0].ko.contains("ap-northeast-1"), "{typo}");
        // AWS has more regions than the practice cloud, and gets new ones.
        assert!(of(Target::Aws, "mx-central-1").is_ok() && of(Target::Practice, "mx-central-1").is_err());
        assert!(of(Target::Aws, "us-gov-west-1").is_ok());
        for bad in ["seoul", "mars-1", "ap-northeast", "AP-NORTHEAST-2", "ap-northeast-2a", ""] {
            assert!(of(Target::Aws, bad).is_err(), "{bad}");
        }
    }
}
