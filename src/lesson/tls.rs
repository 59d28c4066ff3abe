//! A TLS handshake, message by message: who sends what, what is encrypted with which keys, and when it happens.
//!
//! Promises: round trips and times are counted from the messages, never written down: a message leaves when everything
//! that its sender must have heard has arrived. Every message crosses in half a round trip; computing takes no time, and
//! no packet is lost. TLS 1.2 is as in RFC 5246 with ECDHE (resumption by ticket, RFC 5077), TLS 1.3 as in RFC 8446; the
//! compatibility ChangeCipherSpec of TLS 1.3 is left out.

/// A way to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handshake {
    /// TLS 1.2, in full.
    Tls12,
    /// TLS 1.2, continued with a ticket of an earlier connection.
    Tls12Resumed,
    /// TLS 1.3, in full.
    Tls13,
    /// TLS 1.3 with a pre-shared key of an earlier connection.
    Tls13Resumed,
    /// The same, with the request in the first flight.
    Tls13ZeroRtt,
    /// HTTP/3: TLS 1.3 inside QUIC, in full, without TCP.
    Quic,
}

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The browser.
    Client,
    /// The server.
    Server,
}

/// With what a message is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// With nothing: anybody on the way can read it.
    Clear,
    /// With the keys of the handshake (TLS 1.3).
    Handshake,
    /// With keys that come from the earlier connection (0-RTT).
    Early,
    /// With the keys of this connection.
    Connection,
}

/// Which layer a message is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// TCP's own handshake.
    Tcp,
    /// TLS.
    Tls,
    /// What the connection is for.
    Http,
}

/// A message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// Its layer.
    pub layer: Layer,
    /// Who sends it.
    pub from: Side,
    /// Its name in the standard.
    pub name: &'static str,
    /// With what it is encrypted.
    pub keys: Keys,
    /// What it is for, Korean and English.
    pub what: (&'static str, &'static str),
    /// When it leaves, in half round trips from the beginning.
    pub leaves: u32,
}

impl Message {
    /// When it is there, in half round trips.
    pub const fn arrives(&self) -> u32 {
        self.leaves + 1
    }
}

/// What a handshake comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    /// Round trips of TCP before TLS may begin.
    pub tcp: u32,
    /// Round trips of TLS before the client may send its request.
    pub tls: u32,
    /// Round trips until the first of the response is there, from the beginning.
    pub response: u32,
}

impl Handshake {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Tls12, Self::Tls13, Self::Tls12Resumed, Self::Tls13Resumed, Self::Tls13ZeroRtt, Self::Quic];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tls12 => "tls1.2",
            Self::Tls12Resumed => "tls1.2-resumed",
            Self::Tls13 => "tls1.3",
            Self::Tls13Resumed => "tls1.3-resumed",
            Self::Tls13ZeroRtt => "tls1.3-0rtt",
            Self::Quic => "http3",
        }
    }

    /// By its name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// In words, Korean and English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Tls12 => ("TLS 1.2, 처음", "TLS 1.2, in full"),
            Self::Tls12Resumed => ("TLS 1.2, 이어서(티켓)", "TLS 1.2, resumed (ticket)"),
            Self::Tls13 => ("TLS 1.3, 처음", "TLS 1.3, in full"),
            Self::Tls13Resumed => ("TLS 1.3, 이어서(PSK)", "TLS 1.3, resumed (PSK)"),
            Self::Tls13ZeroRtt => ("TLS 1.3, 0-RTT", "TLS 1.3, 0-RTT"),
            Self::Quic => ("HTTP/3 (QUIC), 처음", "HTTP/3 (QUIC), in full"),
        }
    }

    /// What is worth knowing of it, Korean and English.
    pub const fn note(self) -> (&'static str, &'static str) {
        match self {
            Self::Tls12 => (
                "인증서까지 평문이라 어느 사이트인지 길에서 보입니다.",
                "The certificate crosses in the clear: anybody on the way sees which site it is.",
            ),
            Self::Tls12Resumed => (
                "인증서 없이 예전 비밀을 이어 씁니다. 티켓 키가 새면 예전 내용도 열립니다.",
                "No certificate: an old secret is used again. Whoever gets the ticket key can read it.",
            ),
            Self::Tls13 => (
                "키 교환을 첫 메시지에 실어 왕복 한 번을 줄였고, 인증서도 암호화합니다.",
                "The key share rides in the first message, which saves a round trip; the certificate is encrypted.",
            ),
            Self::Tls13Resumed => (
                "왕복 수는 같지만 인증서를 보내고 검사하는 일이 없습니다.",
                "As many round trips, but no certificate to send and to verify.",
            ),
            Self::Tls13ZeroRtt => (
                "첫 요청은 누가 다시 보내도 서버가 모를 수 있습니다. 여러 번 해도 되는 GET에만 쓰세요.",
                "The early request can be replayed by somebody else: only for what may happen twice, such as GET.",
            ),
            Self::Quic => (
                "UDP 위의 QUIC은 연결과 TLS 1.3을 한 왕복에 함께 합니다.",
                "QUIC, on UDP, connects and does TLS 1.3 in the same round trip.",
            ),
        }
    }

    /// Its messages in the order in which they leave, from TCP's first to the response.
    pub fn messages(self) -> Vec<Message> {
        let mut talk = Talk::default();
        if self != Self::Quic {
            talk.tcp();
        }
        match self {
            Self::Tls12 => talk.tls12(),
            Self::Tls12Resumed => talk.tls12_resumed(),
            // The keys and the messages are those of TLS 1.3; only TCP's round trip is not there.
            Self::Tls13 | Self::Quic => talk.tls13(false),
            Self::Tls13Resumed => talk.tls13(true),
            Self::Tls13ZeroRtt => talk.zero_rtt(),
        }
        talk.messages
    }

    /// What it comes to, counted from its messages.
    pub fn sum(self) -> Sum {
        let messages = self.messages();
        let first =
            |layer: Layer, from: Side| messages.iter().find(|message| message.layer == layer && message.from == from);
        let begins = first(Layer::Tls, Side::Client).map_or(0, |message| message.leaves);
        let request = first(Layer::Http, Side::Client).map_or(0, |message| message.leaves);
        let response = first(Layer::Http, Side::Server).map_or(0, Message::arrives);
        Sum { tcp: begins / 2, tls: (request - begins) / 2, response: response / 2 }
    }
}

/// A conversation as it grows: when each side has heard what it waits for.
#[derive(Default)]
struct Talk {
    messages: Vec<Message>,
    /// Until when the client must have waited, in half round trips.
    client: u32,
    /// The same of the server.
    server: u32,
}

impl Talk {
    /// A side sends; it has heard everything that was said to it up to here.
    fn say(&mut self, layer: Layer, from: Side, keys: Keys, name: &'static str, what: (&'static str, &'static str)) {
        let leaves = if from == Side::Client { self.client } else { self.server };
        self.messages.push(Message { layer, from, name, keys, what, leaves });
    }

    /// A side waits for the newest message of the other.
    fn hear(&mut self, side: Side) {
        let heard =
            self.messages.iter().filter(|message| message.from != side).map(Message::arrives).max().unwrap_or(0);
        let clock = if side == Side::Client { &mut self.client } else { &mut self.server };
        *clock = (*clock).max(heard);
    }

    fn tcp(&mut self) {
        self.say(Layer::Tcp, Side::Client, Keys::Clear, "SYN", ("연결할까요?", "Shall we connect?"));
        self.hear(Side::Server);
        self.say(Layer::Tcp, Side::Server, Keys::Clear, "SYN-ACK", ("네, 그쪽도요?", "Yes; you too?"));
        self.hear(Side::Client);
        self.say(Layer::Tcp, Side::Client, Keys::Clear, "ACK", ("네, 바로 이어서", "Yes, and on at once"));
    }

    fn request(&mut self, keys: Keys) {
        self.say(Layer::Http, Side::Client, keys, "GET /", ("웹 페이지 요청", "the request"));
    }

    fn response(&mut self) {
        self.say(Layer::Http, Side::Server, Keys::Connection, "200 OK", ("웹 페이지", "the page"));
    }

    fn tls12(&mut self) {
        use Keys::{Clear, Connection};
        use Side::{Client, Server};
        self.say(Layer::Tls, Client, Clear, "ClientHello", ("암호 목록, SNI(사이트명)", "ciphers, SNI (site name)"));
        self.hear(Server);
        self.say(Layer::Tls, Server, Clear, "ServerHello", ("고른 암호", "the chosen cipher"));
        self.say(Layer::Tls, Server, Clear, "Certificate", ("인증서 사슬", "the certificate chain"));
        self.say(Layer::Tls, Server, Clear, "ServerKeyExchange", ("서명한 ECDHE 공개 값", "a signed ECDHE value"));
        self.say(Layer::Tls, Server, Clear, "ServerHelloDone", ("서버 차례 끝", "the server is done"));
        self.hear(Client);
        self.say(Layer::Tls, Client, Clear, "ClientKeyExchange", ("ECDHE 공개 값", "an ECDHE value"));
        self.say(Layer::Tls, Client, Clear, "ChangeCipherSpec", ("이제부터 암호화", "encrypted from here"));
        self.say(Layer::Tls, Client, Connection, "Finished", ("지금까지의 검증 값", "a check of all so far"));
        self.hear(Server);
        self.say(Layer::Tls, Server, Clear, "ChangeCipherSpec", ("이제부터 암호화", "encrypted from here"));
        self.say(Layer::Tls, Server, Connection, "Finished", ("지금까지의 검증 값", "a check of all so far"));
        self.hear(Client);
        self.request(Connection);
        self.hear(Server);
        self.response();
    }

    fn tls12_resumed(&mut self) {
        use Keys::{Clear, Connection};
        use Side::{Client, Server};
        self.say(Layer::Tls, Client, Clear, "ClientHello", ("티켓, SNI", "a ticket, SNI"));
        self.hear(Server);
        self.say(Layer::Tls, Server, Clear, "ServerHello", ("티켓을 받아들임", "the ticket is taken"));
        self.say(Layer::Tls, Server, Clear, "ChangeCipherSpec", ("이제부터 암호화", "encrypted from here"));
        self.say(Layer::Tls, Server, Connection, "Finished", ("지금까지의 검증 값", "a check of all so far"));
        self.hear(Client);
        self.say(Layer::Tls, Client, Clear, "ChangeCipherSpec", ("이제부터 암호화", "encrypted from here"));
        self.say(Layer::Tls, Client, Connection, "Finished", ("지금까지의 검증 값", "a check of all so far"));
        self.request(Connection);
        self.hear(Server);
        self.response();
    }

    fn tls13(&mut self, resumed: bool) {
        use Keys::{Clear, Connection, Handshake};
        use Side::{Client, Server};
        let hello = if resumed {
            ("key_share, PSK, SNI", "key_share, PSK, SNI")
        } else {
            ("key_share(ECDHE), SNI", "key_share (ECDHE), SNI")
        };
        self.say(Layer::Tls, Client, Clear, "ClientHello", hello);
        self.hear(Server);
        self.say(Layer::Tls, Server, Clear, "ServerHello", ("key_share: 키가 정해짐", "key_share: keys are there"));
        self.say(
            Layer::Tls,
            Server,
            Handshake,
            "EncryptedExtensions",
            ("나머지 약속(ALPN 등)", "the rest (ALPN and so on)"),
        );
        if !resumed {
            self.say(
                Layer::Tls,
                Server,
                Handshake,
                "Certificate",
                ("인증서 사슬, 암호화됨", "the certificate, encrypted"),
            );
            self.say(
                Layer::Tls,
                Server,
                Handshake,
                "CertificateVerify",
                ("개인 키로 한 서명", "signed with the private key"),
            );
        }
        self.say(Layer::Tls, Server, Handshake, "Finished", ("지금까지의 검증 값", "a check of all so far"));
        self.hear(Client);
        self.say(Layer::Tls, Client, Handshake, "Finished", ("지금까지의 검증 값", "a check of all so far"));
        self.request(Connection);
        self.hear(Server);
        self.response();
    }

    fn zero_rtt(&mut self) {
        use Keys::{Clear, Early, Handshake};
        use Side::{Client, Server};
        let hello = ("key_share, PSK, early_data", "key_share, PSK, early_data");
        self.say(Layer::Tls, Client, Clear, "ClientHello", hello);
        self.request(Early);
        self.hear(Server);
        self.say(Layer::Tls, Server, Clear, "ServerHello", ("key_share: 키가 정해짐", "key_share: keys are there"));
        self.say(
            Layer::Tls,
            Server,
            Handshake,
            "EncryptedExtensions",
            ("early_data를 받아들임", "early_data is taken"),
        );
        self.say(Layer::Tls, Server, Handshake, "Finished", ("지금까지의 검증 값", "a check of all so far"));
        self.response();
        self.hear(Client);
        self.say(Layer::Tls, Client, Early, "EndOfEarlyData", ("0-RTT 데이터 끝", "the early data ends"));
        self.say(Layer::Tls, Client, Handshake, "Finished", ("지금까지의 검증 값", "a check of all so far"));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn round_trips() {
        let table = [
            (Handshake::Tls12, 1, 2, 4),
            (Handshake::Tls12Resumed, 1, 1, 3),
            (Handshake::Tls13, 1, 1, 3),
            (Handshake::Tls13Resumed, 1, 1, 3),
            (Handshake::Tls13ZeroRtt, 1, 0, 2),
            (Handshake::Quic, 0, 1, 2),
        ];
        for (handshake, tcp, tls, response) in table {
            assert_eq!(handshake.sum(), Sum { tcp, tls, response }, "{handshake:?}");
            assert_eq!(Handshake::by_name(handshake.name()), Some(handshake));
        }
    }

    #[test]
    fn nothing_leaves_before_its_sender_could_know_enough() {
        for handshake in Handshake::ALL {
            let messages = handshake.messages();
            assert!(messages.windows(2).all(|pair| pair[0].leaves <= pair[1].leaves), "{handshake:?} in order");
            for (at, message) in messages.iter().enumerate() {
                // A server speaks only when something has reached it.
                if message.from == Side::Server {
                    let heard = messages[..at].iter().filter(|one| one.from == Side::Client);
                    assert!(
                        heard.map(Message::arrives).any(|at| at <= message.leaves),
                        "{handshake:?} {}",
                        message.name
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_encrypted_when() {
        let keys = |handshake: Handshake, from: Side, name: &str| {
            handshake.messages().into_iter().find(|one| one.from == from && one.name == name).unwrap().keys
        };
        assert_eq!(keys(Handshake::Tls12, Side::Server, "Certificate"), Keys::Clear);
        assert_eq!(keys(Handshake::Tls13, Side::Server, "Certificate"), Keys::Handshake);
        assert_eq!(keys(Handshake::Tls13ZeroRtt, Side::Client, "GET /"), Keys::Early);
        for handshake in Handshake::ALL {
            assert_eq!(keys(handshake, Side::Client, "ClientHello"), Keys::Clear);
            let http = handshake.messages().into_iter().filter(|one| one.layer == Layer::Http);
            assert!(http.into_iter().all(|one| one.keys != Keys::Clear), "{handshake:?}");
            let resumed = !matches!(handshake, Handshake::Tls12 | Handshake::Tls13 | Handshake::Quic);
            let certificate = handshake.messages().iter().any(|one| one.name == "Certificate");
            assert_eq!(certificate, !resumed);
        }
    }
}
