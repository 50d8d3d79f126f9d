//! The server function that the island calls: the same tap as the form's, without leaving the page. What passes
//! between the two is a few lines of text, one for each field: a JSON parser would be a third of what a phone loads.
use leptos::{
    prelude::*,
    server_fn::{
        Bytes, ContentType, Decodes, Encodes, Format, FormatType,
        codec::Post,
        error::{FromServerFnError, ServerFnErrorErr},
    },
};

/// What the page needs to know of a tap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Why it was not done, as finished HTML; empty if it is under way, which the page's stream tells.
    pub refusal: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// The server was not reached.
    NotReached,
    /// It did not do it, and the page can not say more than that.
    NotDone,
}

/// Asks something of a device. It is served at `/farms/{farm}/api/tap`.
#[server(name = SendTap, prefix = "/api", endpoint = "tap", input = Post<Lines>, output = Post<Lines>, input_derive = (Clone,))]
pub async fn tap(
    /// The device.
    device: String,
    /// The identity of the command that it makes.
    id: String,
    /// What is wanted, as the form's button says it.
    wish: String,
    /// The command that is asked for again or undone; empty for none.
    of: String,
    /// For how long feed drops, milliseconds, if that is wanted; empty for what is no feeder.
    portion: String,
) -> Result<Answer, Failed> {
    super::serve::answer(&SendTap { device, id, wish, of, portion }).await
}

/// Fields as lines.
#[derive(Debug)]
pub struct Lines;

impl ContentType for Lines {
    const CONTENT_TYPE: &'static str = "application/x-tokkatot-lines";
}

impl FormatType for Lines {
    const FORMAT_TYPE: Format = Format::Text;
}

/// What can be written as lines. Only the last field may have several.
pub trait Fields: Sized {
    /// How many there are.
    const COUNT: usize;

    /// All of them.
    fn fields(&self) -> Vec<&str>;

    /// The same, read; nothing if that is none.
    fn read(fields: &[&str]) -> Option<Self>;
}

impl<T: Fields> Encodes<T> for Lines {
    type Error = std::convert::Infallible;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        Ok(value.fields().join("\n").into())
    }
}

impl<T: Fields> Decodes<T> for Lines {
    type Error = &'static str;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        let text = std::str::from_utf8(&bytes).map_err(|_| "no text")?;
        let fields: Vec<&str> = text.splitn(T::COUNT, '\n').collect();
        T::read(&fields).ok_or("other fields")
    }
}

impl Fields for SendTap {
    const COUNT: usize = 5;

    /// The last one only where there is one: a page and a server of two releases understand each other but for feed.
    fn fields(&self) -> Vec<&str> {
        let portion = Some(self.portion.as_str()).filter(|portion| !portion.is_empty());
        let all = [&*self.device, &self.id, &self.wish, &self.of];
        all.into_iter().chain(portion).collect()
    }

    fn read(fields: &[&str]) -> Option<Self> {
        let [device, id, wish, of, portion @ ..] = fields else { return None };
        let own = |text: &&str| (*text).to_owned();
        let (device, id, wish) = (own(device), own(id), own(wish));
        let portion = portion.first().map(own).unwrap_or_default();
        Some(Self { device, id, wish, of: own(of), portion })
    }
}

impl Fields for Answer {
    const COUNT: usize = 1;

    fn fields(&self) -> Vec<&str> {
        vec![&self.refusal]
    }

    fn read(fields: &[&str]) -> Option<Self> {
        let [refusal] = fields else { return None };
        Some(Self { refusal: (*refusal).to_owned() })
    }
}

impl Fields for Failed {
    const COUNT: usize = 1;

    fn fields(&self) -> Vec<&str> {
        vec![""]
    }

    /// A server that answers at all was reached.
    fn read(_: &[&str]) -> Option<Self> {
        Some(Self::NotDone)
    }
}

impl FromServerFnError for Failed {
    type Encoder = Lines;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => Self::NotReached,
            _ => Self::NotDone,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_no_tap_is_none() {
        let tap = SendTap {
            device: "d".to_owned(),
            id: "c".to_owned(),
            wish: "on".to_owned(),
            of: String::new(),
            portion: "10000".to_owned(),
        };
        let sent = Lines::encode(&tap).unwrap();
        assert_eq!(&*sent, b"d\nc\non\n\n10000");
        let read: SendTap = Lines::decode(sent).unwrap();
        assert_eq!(read.fields(), tap.fields());
        let plain = SendTap { portion: String::new(), ..tap };
        let sent = Lines::encode(&plain).unwrap();
        assert_eq!(&*sent, b"d\nc\non\n", "as every release knows it");
        let read: SendTap = Lines::decode(sent).unwrap();
        assert_eq!((read.of, read.portion), (String::new(), String::new()));
        for bad in ["", "d", "d\nc\non"] {
            assert!(<Lines as Decodes<SendTap>>::decode(bad.into()).is_err(), "{bad}");
        }
        let answer = Answer { refusal: "<b>no</b>\n<i>".to_owned() };
        assert_eq!(Lines::decode(Lines::encode(&answer).unwrap()), Ok(answer));
    }
}
