//! One broken file each: what an author reads.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;
use crate::i18n::Lang;

const CHAPTER: &str = "03-net/chapter.toml";
const KO: &str = "03-net/guide.ko.md";
const EN: &str = "03-net/guide.en.md";

/// What the loader says, in both languages.
fn loaded(path: &str, from: &str, to: &str) -> String {
    both(&load_library(&altered(path, from, to), &Contract).expect_err("a broken course must not load"))
}

/// What the linter says of a course that loads.
fn linted(path: &str, from: &str, to: &str) -> String {
    let library = altered(path, from, to);
    assert!(load_library(&library, &Contract).is_ok(), "{}", shown(&load_library(&library, &Contract).expect_err("")));
    both(&lint_library(&library, &Contract))
}

fn both(problems: &[Problem]) -> String {
    for problem in problems {
        assert!(problem.kind == ProblemKind::Course && problem.source.is_some(), "{problem}");
        // A place, the words themselves marked, and what to do about it.
        assert!(problem.detail.en.contains("-->") && problem.detail.en.contains('^'), "{problem}");
        assert!(!problem.hints.is_empty(), "no mend: {problem}");
    }
    let all = |lang| problems.iter().map(|problem| problem.render(lang)).collect::<Vec<_>>().join("\n\n");
    format!("{}\n\n----\n\n{}", all(Lang::En), all(Lang::Ko))
}

macro_rules! broken {
    ($($name:ident: $how:ident($path:expr, $from:expr, $to:expr);)*) => {
        $(
            #[test]
            fn $name() {
                insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
                    insta::assert_snapshot!(stringify!($name), $how($path, $from, $to));
                });
            }
        )*
    };
}

broken! {
    toml_that_is_none: loaded(CHAPTER, "cidr = \"10.1.0.0/16\"", "cidr = \"10.1.0.0/16");
    unknown_field_of_a_step: loaded(CHAPTER, "needs = [", "need = [");
    unknown_field_of_a_kind: loaded(CHAPTER, "dns_support = true", "dns_suport = true");
    missing_field: loaded(CHAPTER, "subnet = \"my-subnet-a\"\naddress", "address");
    misspelt_kind: loaded(CHAPTER, "kind = \"nat-gateway\"", "kind = \"nat-gatway\"");
    misspelt_step_kind: loaded(CHAPTER, "kind = \"try\"", "kind = \"tries\"");
    missing_language: loaded(CHAPTER, "failure.en = \"The state of the VPC `{name}`: {found}.\"\n", "");
    missing_page: loaded(EN, "# net.build.nat NAT gateway", "### NAT gateway");
    page_of_no_step: loaded(KO, "# net.build.nat ", "# net.build.natt ");
    unknown_part: loaded(EN, "## console", "## consol");
    dangling_reference: loaded(CHAPTER, "address = \"my-eip\"", "address = \"my-eip2\"");
    dangling_subject: loaded(CHAPTER, "ready = [\"vpc my-vpc\"]", "ready = [\"vpc my-vpcs\"]");
    reference_to_a_later_step: loaded(CHAPTER, "ready = [\"vpc my-vpc\"]", "ready = [\"instance my-host\"]");
    need_of_a_later_step: loaded(CHAPTER, "kind = \"build\"\n", "kind = \"build\"\nneeds = [\"net.build.host\"]\n");
    duplicate_id: loaded(CHAPTER, "id = \"net.build.nat\"", "id = \"net.build.vpc\"");
    duplicate_resource: loaded(CHAPTER, "name = \"my-subnet-c\"", "name = \"my-subnet-a\"");
    cidr_that_is_none: loaded(CHAPTER, "cidr = \"10.1.1.0/24\"", "cidr = \"10.1.1.0\"");
    cidr_with_host_bits: loaded(CHAPTER, "cidr = \"10.1.1.0/24\"", "cidr = \"10.1.1.5/24\"");
    value_of_another_type: loaded(CHAPTER, "groups = [\"my-sg\"]", "groups = \"my-sg\"");
    source_of_no_group: loaded(CHAPTER, "source = \"my-ip\"", "source = \"my-ips\"");
    port_out_of_range: loaded(CHAPTER, "protocol = \"tcp\", port = 22 }", "protocol = \"tcp\", port = 70000 }");
    check_with_two_conditions: loaded(CHAPTER, "ready = [\"vpc my-vpc\"]", "ready = [\"vpc my-vpc\"]\nexists = [\"vpc my-vpc\"]");
    check_of_nothing: loaded(CHAPTER, "ready = [\"vpc my-vpc\"]", "ready = []");
    folder_of_another_number: loaded(CHAPTER, "number = 3", "number = 4");
    one_language_with_fewer_hints: loaded(EN, "## hint\n\nAll you choose is a name.\n", "");

    question_of_a_step_that_builds: loaded(CHAPTER, "id = \"net.ask.size\"\nkind = \"read\"", "id = \"net.ask.size\"\nkind = \"build\"");
    question_without_a_right_option: loaded(CHAPTER, "[[section.step.question.right]]\nko = \"`/16`\"\nen = \"`/16`\"\n", "");
    question_with_two_right_options: loaded(CHAPTER, "[[section.step.question.right]]\n", "[[section.step.question.right]]\nko = \"`/8`\"\nen = \"`/8`\"\n\n[[section.step.question.right]]\n");
    question_with_one_wrong_option: loaded(CHAPTER, "[[section.step.question.wrong]]\ntext.ko = \"둘은 같습니다\"\ntext.en = \"They are alike\"\nwhy.ko = \"고정된 비트의 수가 다릅니다.\"\nwhy.en = \"They differ in how many bits are fixed.\"\n", "");
    question_with_an_option_twice: loaded(CHAPTER, "text.en = \"They are alike\"", "text.en = \"`/24`\"");
    wrong_option_without_a_reason: loaded(CHAPTER, "why.en = \"More of its bits are fixed.\"\n", "");
    answer_that_cannot_be_read: loaded(CHAPTER, "answer = \"256\"", "answer = \"many\"");
    wrong_answer_that_is_right: loaded(CHAPTER, "answer = \"24\"", "answer = \"2 5 6\"");
    typed_question_without_a_named_wrong_answer: loaded(CHAPTER, "[[section.step.question.wrong]]\nanswer = \"24\"\nwhy.ko = \"24는 고정된 비트의 수입니다.\"\nwhy.en = \"24 is how many bits are fixed.\"\n", "");
    question_id_twice: loaded(CHAPTER, "id = \"larger\"", "id = \"count\"");

    too_few_questions: linted(CHAPTER, "kind = \"lab\"", "kind = \"concept\"");
    code_of_one_language: linted(CHAPTER, "a `/24` have?", "a `/25` have?");
    question_that_fits_no_screen: linted(CHAPTER, "because.en = \"8 bits are left: 256.\"", &format!("because.en = \"{}\"", "8 bits are left. ".repeat(70)));
    decomposed_hangul: linted(KO, "NAT 게이트웨이\n", "NAT \u{1100}\u{1166}이트웨이\n");
    mark_of_ambiguous_width: linted(KO, "정할 것은 이름", "\u{2460} 정할 것은 이름");
    word_against_the_glossary: linted(KO, "나만의 네트워크입니다.", "나만의 네트워크입니다. 공인 IP는 없습니다.");
    name_that_is_not_declared: linted(EN, "Make it inside `my-vpc`.", "Make it inside `my-vpcs`.");
    command_of_no_target: linted(EN, "awslab run net.build.nat", "awslab run net.build.nat\nawslab run net.build.nat2");
    last_hint_without_command: linted(KO, "awslab run net.build.nat\n", "awslab run net.build.vpc\n");
    plain_style_korean: linted(KO, "정할 것은 이름뿐입니다.", "정할 것은 이름뿐이다.");
    hangul_in_english: linted(EN, "All you choose is a name", "All you choose is a 이름");
    line_of_code_too_wide: linted(EN, "awslab run net.build.vpc\n", "awslab run net.build.vpc\nssh ec2-user@a-host-with-a-name-that-is-so-long-that-no-screen-of-eighty-columns-has-room\n");
    slot_that_is_never_filled: linted(CHAPTER, "failure.en = \"The state", "failure.en = \"{wanted} The state");
    failure_that_names_nothing: linted(CHAPTER, "보안 그룹이 없습니다: `{name}`.", "보안 그룹이 없습니다.");
    link_name_of_other_things: linted(CHAPTER, "source = \"my-ip\"", "source = \"anywhere\"");
    reason_without_a_value: linted(EN, "- **tcp**: for", "- For");
    reasons_in_one_language: loaded(KO, "\n## why\n\n- **22**: SSH 포트입니다. 다른 포트로도 되지만 보안 그룹의 규칙도 함께 바꿔야 합니다.\n- **tcp**: `ping`이라면 ICMP입니다.\n", "");
    fewer_reasons_in_one_language: linted(KO, "- **tcp**: `ping`이라면 ICMP입니다.\n", "");
    paragraphs_that_differ: linted(EN, "\n\n**A common mistake:**", " **A common mistake:**");
}

#[test]
fn values_without_reasons() {
    // Out of both guides at once: one alone is another fault.
    let reasons = [
        "\n## why\n\n- **my-vpc**: 이름은 마음대로 지어도 되지만 안내의 이름과 같아야 알아보기 쉽습니다.\n",
        "\n## why\n\n- **my-vpc**: any name would do, but this is the one that the guide uses.\n",
    ];
    let without = |text: &str| reasons.iter().fold(text.to_owned(), |text, reason| text.replacen(reason, "", 1));
    let texts = FIXTURE.map(|(file, text)| (file, without(text)));
    let library = Library::from_texts(&texts.iter().map(|(file, text)| (*file, text.as_str())).collect::<Vec<_>>());
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("values_without_reasons", both(&lint_library(&library, &Contract)));
    });
}

#[test]
fn a_directory_without_files_says_which() {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(dir.path().join("03-vpc")).expect("a folder");
    std::fs::write(dir.path().join("course.toml"), "title = { ko = \"가\", en = \"a\" }\n").expect("a file");
    let problems = load(Some(dir.path()), &Contract).expect_err("files are missing");
    let sources: Vec<&str> = problems.iter().filter_map(|problem| problem.source.as_deref()).collect();
    assert_eq!(sources, ["glossary.toml", "03-vpc/chapter.toml", "03-vpc/guide.ko.md", "03-vpc/guide.en.md"]);
}

#[test]
fn a_summary_of_several_problems_tells_all_of_them() {
    let problems = load_library(
        &altered(CHAPTER, "vpc = \"my-vpc\"\ncidr = \"10.1.1.0/24\"", "vpc = \"x\"\ncidr = \"y\""),
        &Contract,
    )
    .expect_err("two faults");
    assert_eq!(problems.len(), 2);
    let one = summary(&problems);
    assert_eq!(one.kind.exit_code(), 2);
    assert!(problems.iter().all(|problem| one.detail.en.contains(&problem.title.en)));
}
