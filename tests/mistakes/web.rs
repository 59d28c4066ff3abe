//! The page behind a load balancer, asked for from the learner's computer, when something on the way is wrong.

use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, ProtocolEnum, RedirectActionConfig, RedirectActionStatusCodeEnum, TargetDescription,
};

use super::Lab;

async fn find(lab: &Lab, id: &str) -> awslab::lab::report::ConditionResult {
    let report = lab.check().await;
    report.conditions.into_iter().find(|condition| condition.id == id).unwrap()
}

/// The condition of the page fails and says all of this in both languages.
async fn says(lab: &Lab, words: &[&str]) {
    let found = find(lab, "page-answers").await;
    assert!(!found.ok && !found.pending, "{found:?}");
    for said in [&found.detail.ko, &found.detail.en] {
        for word in words {
            assert!(said.contains(word), "{word} is not in: {said}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_page_says_what_stops_it() {
    let lab =
        Lab::built_to(&["asg-lab.sg.groups", "asg-lab.alb.balancer", "asg-lab.alb.target", "asg-lab.alb.page"]).await;
    let seen = find(&lab, "page-answers").await;
    assert!(seen.ok && !seen.skipped);
    assert!(seen.detail.en.contains("/ec2meta-webpage/index.php: 200"), "{}", seen.detail.en);

    // The same page over HTTP, with the practice server as a proxy.
    let cloud = lab.engine.practice().unwrap().clone();
    let server = awslab::practice::serve::Server::bind(cloud, 0).await.unwrap();
    let address = server.address().unwrap();
    let serving = tokio::spawn(server.run(std::future::pending()));
    let url = seen.detail.en.rsplit_once(": ").unwrap().0.to_owned();
    let page = tokio::task::spawn_blocking(move || {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let host = url.split('/').nth(2).unwrap();
        write!(stream, "GET {url} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        page
    });
    let page = page.await.unwrap();
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.contains("i-"), "{page}");
    serving.abort();

    // The security group of the load balancer lets nobody in.
    let group = lab.id("security-group", "my-asg-alb-sg").await;
    let rules = lab.ec2.describe_security_group_rules();
    let rules = rules.filters(aws_sdk_ec2::types::Filter::builder().name("group-id").values(&group).build());
    let rules = rules.send().await.unwrap();
    let rule = rules.security_group_rules().iter().find(|rule| rule.is_egress() == Some(false)).unwrap();
    let revoke = lab.ec2.revoke_security_group_ingress().group_id(&group);
    revoke.security_group_rule_ids(rule.security_group_rule_id().unwrap()).send().await.unwrap();
    says(&lab, &["my-asg-alb-sg", "tcp 80", "my-asg-alb"]).await;
    lab.run().await;
    assert!(find(&lab, "page-answers").await.ok);

    // The listener redirects, then is gone.
    let balancer = lab.id("load-balancer", "my-asg-alb").await;
    let listeners = lab.elb.describe_listeners().load_balancer_arn(&balancer).send().await.unwrap();
    let listener = listeners.listeners()[0].listener_arn().unwrap().to_owned();
    let redirect = RedirectActionConfig::builder()
        .protocol("HTTPS")
        .port("443")
        .status_code(RedirectActionStatusCodeEnum::Http301)
        .build();
    let action = Action::builder().r#type(ActionTypeEnum::Redirect).redirect_config(redirect).build();
    lab.elb.modify_listener().listener_arn(&listener).default_actions(action).send().await.unwrap();
    says(&lab, &["301", "https://", ":443/ec2meta-webpage/index.php"]).await;
    lab.elb.delete_listener().listener_arn(&listener).send().await.unwrap();
    says(&lab, &["80", "my-asg-alb"]).await;

    // Nobody is registered.
    let group = lab.id("target-group", "my-asg-ec2-tg").await;
    let golden = lab.id("instance", "my-asg-ec2").await;
    let forward = Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn(&group).build();
    let listen = lab.elb.create_listener().load_balancer_arn(&balancer).protocol(ProtocolEnum::Http).port(80);
    listen.default_actions(forward).send().await.unwrap();
    let target = TargetDescription::builder().id(&golden).build();
    lab.elb.deregister_targets().target_group_arn(&group).targets(target.clone()).send().await.unwrap();
    lab.later(310);
    says(&lab, &["503"]).await;

    // The server has no such page.
    lab.elb.register_targets().target_group_arn(&group).targets(target).send().await.unwrap();
    let console = lab.engine.practice().unwrap().console(&golden).unwrap().unwrap();
    let env = awslab::practice::shell::Env::root("/root");
    let line = "rm /var/www/html/ec2meta-webpage/index.php";
    lab.engine.practice().unwrap().shell(&console, line, env).unwrap().unwrap();
    lab.later(120);
    says(&lab, &["404", "/ec2meta-webpage/index.php", "Target.ResponseCodeMismatch"]).await;
}
