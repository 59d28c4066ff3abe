//! Requests through a load balancer.

use std::collections::BTreeSet;

use super::*;
use crate::practice::world::Global;
use crate::practice::world::balancing::{Delivered, WebAnswer, WebRequest};
use crate::reach::{End, Stop};

impl Lab {
    fn get(&mut self, from: &End, port: u16, host: &str, path: &str) -> Delivered {
        let arn = self.balancer.clone();
        let (region, global): (&mut Region, &mut Global) = self.bench.world.parts(SEOUL);
        let dns = region.balancing.balancers[&arn].dns_name.clone();
        let request = WebRequest { port, tls: false, host, path, query: "" };
        region.request_by_name(global, from, &dns, &request).unwrap()
    }

    fn answer(&mut self, host: &str, path: &str) -> WebAnswer {
        match self.get(&me(), 80, host, path) {
            Delivered::Answer(answer) => answer,
            other => panic!("{other:?}"),
        }
    }
}

fn me() -> End {
    End::Outside("203.0.113.7".parse().unwrap())
}

fn served() -> Lab {
    let mut lab = lab();
    lab.target("RegisterTargets", 0);
    lab.target("RegisterTargets", 1);
    lab.bench.wait(31);
    lab
}

#[test]
fn healthy_targets_answer_in_turn() {
    let mut lab = served();
    let seen: Vec<String> = (0..6).map(|_| lab.answer("x", PAGE).body).collect();
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 2);
    assert_ne!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
    let server = lab.servers[1].clone();
    lab.bench.serve(&server, false, &[]);
    lab.bench.wait(66);
    let left = lab.servers[0].clone();
    assert!((0..6).all(|_| lab.answer("x", PAGE).target.as_deref() == Some(&left)));
    let first = lab.bench.region().trace(&left).unwrap().clone();
    lab.answer("x", PAGE);
    assert_ne!(&first, lab.bench.region().trace(&left).unwrap(), "a request costs its machine time");
}

#[test]
fn without_healthy_targets_it_fails_open_and_without_any_it_says_503() {
    let mut lab = served();
    let region = lab.bench.region();
    for instance in region.instances.values_mut() {
        instance.software.files.clear();
    }
    region.changed();
    lab.bench.world.settle();
    lab.bench.wait(66);
    assert_eq!(lab.state(0), "unhealthy");
    let answer = lab.answer("x", PAGE);
    assert_eq!((answer.status, answer.target.is_some()), (404, true));
    let servers = lab.servers.clone();
    for server in &servers {
        lab.bench.serve(server, false, &[]);
    }
    assert_eq!(lab.answer("x", PAGE).status, 502);
    let (inner, outer) = (lab.inner.clone(), lab.outer.clone());
    lab.bench.rule("RevokeSecurityGroupIngress", &inner, "80", &outer);
    assert_eq!(lab.answer("x", PAGE).status, 504);
    lab.target("DeregisterTargets", 0);
    lab.target("DeregisterTargets", 1);
    let answer = lab.answer("x", PAGE);
    assert_eq!((answer.status, answer.target), (503, None));
}

#[test]
fn the_way_to_the_load_balancer_decides_first() {
    let mut lab = served();
    assert!(
        matches!(lab.get(&me(), 8080, "x", "/"), Delivered::Lost(way) if matches!(way.stopped(), Some((_, Stop::Group { .. }))))
    );
    let outer = lab.outer.clone();
    lab.bench.rule("AuthorizeSecurityGroupIngress", &outer, "8080", "0.0.0.0/0");
    assert!(matches!(lab.get(&me(), 8080, "x", "/"), Delivered::Lost(way) if way.refused()));
    // Its own servers have no way to the internet, and so none to its public addresses.
    let server = End::Host(lab.servers[0].clone());
    assert!(matches!(lab.get(&server, 80, "x", PAGE), Delivered::Lost(way) if !way.refused()));
    lab.bench.rule("RevokeSecurityGroupIngress", &outer, "80", "0.0.0.0/0");
    assert!(matches!(lab.get(&me(), 80, "x", PAGE), Delivered::Lost(way) if !way.refused()));
}

#[test]
fn rules_redirects_and_fixed_answers() {
    let mut lab = served();
    let listener = lab.listener.clone();
    let fixed = [
        ("ListenerArn", listener.as_str()),
        ("Priority", "1"),
        ("Conditions.member.1.Field", "path-pattern"),
        ("Conditions.member.1.Values.member.1", "/hello*"),
        ("Conditions.member.2.Field", "host-header"),
        ("Conditions.member.2.HostHeaderConfig.Values.member.1", "*.lab.example"),
        ("Actions.member.1.Type", "fixed-response"),
        ("Actions.member.1.FixedResponseConfig.StatusCode", "200"),
        ("Actions.member.1.FixedResponseConfig.ContentType", "text/plain"),
        ("Actions.member.1.FixedResponseConfig.MessageBody", "hello"),
    ];
    lab.bench.ok("CreateRule", &fixed);
    assert_eq!(lab.answer("www.LAB.example", "/hello/you").body, "hello");
    assert_eq!(lab.answer("lab.example", "/hello/you").status, 404, "both conditions must hold");
    let redirect = [
        ("ListenerArn", listener.as_str()),
        ("DefaultActions.member.1.Type", "redirect"),
        ("DefaultActions.member.1.RedirectConfig.Protocol", "HTTPS"),
        ("DefaultActions.member.1.RedirectConfig.Port", "443"),
        ("DefaultActions.member.1.RedirectConfig.Host", "#{host}"),
        ("DefaultActions.member.1.RedirectConfig.Path", "/#{path}"),
        ("DefaultActions.member.1.RedirectConfig.Query", "#{query}"),
        ("DefaultActions.member.1.RedirectConfig.StatusCode", "HTTP_301"),
    ];
    lab.bench.ok("ModifyListener", &redirect);
    let answer = lab.answer("www.lab.example", PAGE);
    assert_eq!(answer.status, 301);
    assert_eq!(answer.location.unwrap(), format!("https://www.lab.example:443{PAGE}"));
    assert_eq!(lab.health(0).1, "Target.NotInUse", "nothing forwards to it any more");
}

#[test]
fn the_other_zone_goes_on_when_one_is_down() {
    let mut lab = served();
    let mut options = lab.bench.world.options().clone();
    options.zones_down = [String::from("ap-northeast-2a")].into();
    lab.bench.world.set_options(options);
    lab.bench.world.settle();
    lab.bench.wait(66);
    assert_eq!((lab.health(0).1, lab.state(1)), ("Target.Timeout".into(), "healthy".into()));
    let other = lab.servers[1].clone();
    assert!((0..4).all(|_| lab.answer("x", PAGE).target.as_deref() == Some(&other)));
}
