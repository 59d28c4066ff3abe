//! The one catalogue of actions.
//!
//! An action is added here with its words, and in `assets/keymap.toml` with its keys; footer, help, palette and docs
//! then know it.

use crate::i18n::{Lang, Text};

/// Where keys are pressed: a screen, or anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// Every screen that does not edit text.
    Global,
    /// The course map.
    Home,
    /// A chapter's page.
    Chapter,
    /// A step.
    Step,
    /// A question before something happens.
    Confirm,
    /// The resources.
    Resources,
    /// The cleanup.
    Cleanup,
    /// The log of API calls.
    Log,
    /// The help.
    Help,
    /// The command palette.
    Palette,
    /// The search.
    Search,
    /// A picture that can be operated.
    Player,
    /// The quiz of a page.
    Quiz,
    /// The live view of an Auto Scaling group.
    Monitor,
}

impl Context {
    /// Every context with its name in keymaps.
    pub const ALL: &'static [(Self, &'static str)] = &[
        (Self::Global, "global"),
        (Self::Home, "home"),
        (Self::Chapter, "chapter"),
        (Self::Step, "step"),
        (Self::Confirm, "confirm"),
        (Self::Resources, "resources"),
        (Self::Cleanup, "cleanup"),
        (Self::Log, "log"),
        (Self::Help, "help"),
        (Self::Palette, "palette"),
        (Self::Search, "search"),
        (Self::Player, "player"),
        (Self::Quiz, "quiz"),
        (Self::Monitor, "monitor"),
    ];
}

macro_rules! actions {
    ($($variant:ident $context:ident $id:literal $short_ko:literal $short_en:literal $ko:literal $en:literal;)+) => {
        /// Something that a learner can ask for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action { $(#[doc = $en] $variant),+ }

        /// Every action, in the order of the help.
        pub const ACTIONS: &[Spec] = &[
            $(Spec {
                action: Action::$variant,
                context: Context::$context,
                id: $id,
                short: ($short_ko, $short_en),
                words: ($ko, $en),
            }),+
        ];
    };
}

/// What is known of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// The action.
    pub action: Action,
    /// Where its keys are pressed.
    pub context: Context,
    /// Its name in keymaps and docs, unique.
    pub id: &'static str,
    /// A word for the footer, Korean and English.
    pub short: (&'static str, &'static str),
    /// A sentence for help and palette, Korean and English.
    pub words: (&'static str, &'static str),
}

impl Spec {
    /// The footer's word.
    pub const fn short(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Ko => self.short.0,
            Lang::En => self.short.1,
        }
    }

    /// The help's sentence.
    pub const fn words(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Ko => self.words.0,
            Lang::En => self.words.1,
        }
    }

    /// The help's sentence in both languages.
    pub fn text(&self) -> Text {
        Text::new(self.words.0, self.words.1)
    }
}

actions! {
    Accept Global "accept" "선택" "select" "고른 것을 열거나, 지금 할 일을 합니다" "Open what is selected, or do the next thing";
    Back Global "back" "뒤로" "back" "한 화면 뒤로 갑니다" "Go back one screen";
    Up Global "up" "위" "up" "한 줄 위로 갑니다" "One line up";
    Down Global "down" "아래" "down" "한 줄 아래로 갑니다" "One line down";
    PageUp Global "page-up" "앞 쪽" "page up" "한 쪽 위로 갑니다" "One page up";
    PageDown Global "page-down" "뒤 쪽" "page down" "한 쪽 아래로 갑니다" "One page down";
    First Global "first" "처음" "first" "맨 위로 갑니다" "Go to the top";
    Last Global "last" "끝" "last" "맨 아래로 갑니다" "Go to the end";
    Resources Global "resources" "리소스" "resources" "만든 리소스와 비용을 봅니다" "Show what was made and what it costs";
    Cleanup Global "cleanup" "정리" "clean up" "만든 것을 순서대로 지웁니다" "Delete what was made, in order";
    Log Global "log" "호출 기록" "calls" "보낸 API 호출을 봅니다" "Show the API calls that were sent";
    OpenMonitor Global "monitor" "모니터" "monitor" "Auto Scaling 그룹을 실시간으로 봅니다" "Watch an Auto Scaling group live";
    Search Global "search" "찾기" "search" "단계와 설명에서 찾습니다" "Search steps and guides";
    Palette Global "palette" "명령" "commands" "이름으로 명령을 고릅니다" "Pick a command by name";
    Help Global "help" "도움말" "help" "지금 쓸 수 있는 키를 봅니다" "Show the keys that work here";
    Language Global "language" "English" "한국어" "한국어와 영어를 바꿉니다" "Switch between Korean and English";
    Slower Global "clock.slower" "느리게" "slower" "연습 시계를 느리게 합니다" "Slow the practice clock down";
    Faster Global "clock.faster" "빠르게" "faster" "연습 시계를 빠르게 합니다" "Speed the practice clock up";
    Skip Global "clock.skip" "1분 건너뛰기" "skip 1 min" "연습 시계를 1분 앞으로 돌립니다" "Move the practice clock one minute on";
    StopWaiting Global "stop-waiting" "그만 기다리기" "stop waiting" "기다리기를 그만둡니다. 만들어진 것은 그대로 있습니다" "Stop waiting; what was made stays";
    Quit Global "quit" "나가기" "quit" "awslab을 끝냅니다" "Leave awslab";
    Interrupt Global "interrupt" "중단" "interrupt" "하던 일을 멈춥니다. 다시 누르면 끝냅니다" "Stop what is under way; once more leaves";
    Continue Home "home.continue" "이어하기" "continue" "하던 단계로 갑니다" "Go to the step where you were";
    Review Chapter "chapter.review" "틀린 문제" "missed" "이 장의 퀴즈에서 틀린 문제를 다시 풉니다" "Answer again what you missed in the quizzes of this chapter";
    NextStep Step "step.next" "다음" "next" "다음 단계로 갑니다" "Go to the next step";
    PreviousStep Step "step.previous" "이전" "previous" "이전 단계로 갑니다" "Go to the previous step";
    NextTab Step "step.next-tab" "탭" "tab" "다음 탭을 봅니다" "Show the next tab";
    PreviousTab Step "step.previous-tab" "앞 탭" "tab back" "앞 탭을 봅니다" "Show the previous tab";
    ByHand Step "step.by-hand" "직접 하기" "by hand" "이 단계를 직접 합니다. awslab은 지켜보며 확인합니다" "Do this step yourself; awslab watches and checks";
    Why Step "step.why" "왜" "why" "왜 이 값인지, 다르게 고르면 어떻게 되는지 봅니다" "Show why these values, and what others would do";
    Hint Step "step.hint" "힌트" "hint" "힌트를 한 단계 더 봅니다" "Show one more hint";
    CheckStep Step "step.check" "확인" "check" "조건을 지금 확인합니다. 직접 만든 것도 찾습니다" "Check the conditions now; finds what you made by hand too";
    Domain Step "step.domain" "도메인" "domain" "내 도메인을 정하거나 바꿉니다" "Set or change your own domain";
    Shell Step "step.shell" "접속" "connect" "프라이빗 인스턴스에 ssh로 접속합니다" "Connect to the private host with ssh";
    Copy Step "step.copy" "복사" "copy" "보이는 명령을 복사합니다" "Copy the command that is shown";
    Play Step "step.play" "그림 움직이기" "operate" "그림을 움직여 봅니다" "Operate the picture";
    Questions Step "step.questions" "퀴즈" "quiz" "이 쪽의 퀴즈를 풉니다" "Take the quiz of this page";
    PlayLeft Player "player.left" "왼쪽" "left" "시각 또는 선택을 왼쪽으로 옮깁니다" "Move the moment or the choice to the left";
    PlayRight Player "player.right" "오른쪽" "right" "시각 또는 선택을 오른쪽으로 옮깁니다" "Move the moment or the choice to the right";
    PlayNext Player "player.next" "다른 예" "other example" "다른 예나 다른 쪽을 봅니다" "Show another example or another side";
    PlayAgain Player "player.again" "처음부터" "start again" "처음부터 다시 합니다" "Start again";
    PlayEdit Player "player.edit" "입력" "type" "값을 직접 입력합니다" "Type a value";
    PlayAdd Player "player.add" "더하기" "add" "하나를 더합니다" "Add one";
    PlayRemove Player "player.remove" "빼기" "remove" "고른 것을 뺍니다" "Take the chosen one away";
    PlayBefore Player "player.before" "앞으로" "before" "고른 것을 앞으로 옮깁니다" "Move the chosen one back";
    PlayAfter Player "player.after" "뒤로" "after" "고른 것을 뒤로 옮깁니다" "Move the chosen one on";
    PlaySwitch Player "player.switch" "바꾸기" "switch" "고른 것을 바꾸거나 켜고 끕니다" "Change the chosen one, or switch it on and off";
    Pick1 Quiz "quiz.1" "1번" "1" "1번 보기를 고릅니다" "Choose option 1";
    Pick2 Quiz "quiz.2" "2번" "2" "2번 보기를 고릅니다" "Choose option 2";
    Pick3 Quiz "quiz.3" "3번" "3" "3번 보기를 고릅니다" "Choose option 3";
    Pick4 Quiz "quiz.4" "4번" "4" "4번 보기를 고릅니다" "Choose option 4";
    Pick5 Quiz "quiz.5" "5번" "5" "5번 보기를 고릅니다" "Choose option 5";
    Pick6 Quiz "quiz.6" "6번" "6" "6번 보기를 고릅니다" "Choose option 6";
    Mark Quiz "quiz.mark" "표시" "mark" "고른 보기에 표시하거나 표시를 지웁니다. 스페이스도 됩니다" "Mark the chosen option, or unmark it; the space bar does too";
    CopyId Resources "resources.copy" "ID 복사" "copy id" "고른 리소스의 ID를 복사합니다" "Copy the id of the selected resource";
    OpenShell Resources "resources.shell" "셸" "shell" "연습 클라우드의 고른 인스턴스에서 셸을 엽니다" "Open a shell on the selected instance of the practice cloud";
    CopyCall Log "log.copy" "명령 복사" "copy command" "고른 호출의 AWS CLI 명령을 복사합니다" "Copy the AWS CLI command of the selected call";
    Filter Log "log.filter" "거르기" "filter" "글자를 쳐서 호출을 거릅니다" "Type to filter the calls";
    Earlier Monitor "monitor.earlier" "앞 시각" "earlier" "커서를 앞 시각으로 옮깁니다" "Move the cursor to an earlier time";
    Later Monitor "monitor.later" "뒤 시각" "later" "커서를 뒤 시각으로 옮깁니다. 끝에서는 지금을 봅니다" "Move the cursor to a later time; at the end it shows now";
    ZoomIn Monitor "monitor.zoom-in" "확대" "zoom in" "더 짧은 시간을 봅니다" "Show a shorter time";
    ZoomOut Monitor "monitor.zoom-out" "축소" "zoom out" "더 긴 시간을 봅니다" "Show a longer time";
    PanBack Monitor "monitor.pan-back" "앞으로 밀기" "pan back" "화면을 앞 시각으로 밉니다" "Move the picture to earlier times";
    PanOn Monitor "monitor.pan-on" "뒤로 밀기" "pan on" "화면을 뒤 시각으로 밉니다" "Move the picture to later times";
    Follow Monitor "monitor.follow" "지금" "now" "커서를 거두고 지금을 따라갑니다" "Drop the cursor and follow the present";
    Pause Monitor "monitor.pause" "멈춤" "pause" "새로고침을 멈추거나 다시 시작합니다" "Stop refreshing, or go on";
    PickMetric Monitor "monitor.metric" "지표" "metric" "다음 지표를 그립니다: CPU, 네트워크, 요청, 응답 시간, 정상 호스트" "Draw the next metric: CPU, network, requests, response time, healthy hosts";
    NextPane Monitor "monitor.next-pane" "창 바꾸기" "pane" "다음 창으로 갑니다" "Go to the next pane";
    PreviousPane Monitor "monitor.previous-pane" "앞 창" "pane back" "앞 창으로 갑니다" "Go to the previous pane";
    EditSizes Monitor "monitor.edit" "크기 바꾸기" "edit" "최소, 원하는, 최대 크기를 바꿉니다" "Change the smallest, desired and largest size";
    StartLoad Monitor "monitor.load" "부하 시작" "start load" "그룹의 인스턴스 하나에 시간을 정해 부하를 줍니다" "Put load on an instance of the group, with a time limit";
    StopLoad Monitor "monitor.stop-load" "부하 멈춤" "stop load" "그룹의 부하를 모두 멈춥니다" "Take the load off every instance of the group";
    PickGroup Monitor "monitor.group" "그룹" "group" "다른 Auto Scaling 그룹을 고릅니다" "Choose another Auto Scaling group";
    SavePicture Monitor "monitor.svg" "그림 저장" "save picture" "시간 축을 SVG 파일로 저장합니다" "Save the time line as an SVG file";
    RealTime Monitor "monitor.x1" "x1" "x1" "연습 시계를 실제 빠르기로 합니다" "Run the practice clock at real speed";
    TenTimes Monitor "monitor.x10" "x10" "x10" "연습 시계를 10배로 합니다" "Run the practice clock ten times as fast";
    SixtyTimes Monitor "monitor.x60" "x60" "x60" "연습 시계를 60배로 합니다: 1초가 1분입니다" "Run the practice clock sixty times as fast: a minute a second";
    Yes Confirm "confirm.yes" "예" "yes" "예라고 답합니다" "Answer yes";
    No Confirm "confirm.no" "아니요" "no" "아니요라고 답합니다" "Answer no";
    Switch Confirm "confirm.switch" "고르기" "choose" "다른 답을 고릅니다" "Choose the other answer";
}

impl Action {
    /// What is known of it.
    pub fn spec(self) -> &'static Spec {
        // The catalogue is made by the same macro, in the same order.
        &ACTIONS[self as usize]
    }

    /// The action with this name in keymaps.
    pub fn by_id(id: &str) -> Option<Self> {
        ACTIONS.iter().find(|spec| spec.id == id).map(|spec| spec.action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_names_each_action_once() {
        for (at, spec) in ACTIONS.iter().enumerate() {
            assert_eq!(spec.action.spec(), spec);
            assert_eq!(ACTIONS.iter().position(|other| other.id == spec.id), Some(at), "{}", spec.id);
            assert!(!spec.words.0.is_empty() && !spec.words.1.is_empty() && !spec.short.0.is_empty());
        }
    }
}
