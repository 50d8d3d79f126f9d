//! The outboxes, as their neighbours know them: each is told what became of its own messages.
use crate::{mqtt::Errand, tidings::Tidings};
use domain::{CommandId, NodeId};
use store::configs::Pushed;

/// What the outboxes are told. Cheap to clone; clones share one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Posts {
    pub(crate) commands: Tidings<CommandId>,
    pub(crate) configs: Tidings<Pushed>,
}

impl Posts {
    /// There is a link to the broker.
    pub(crate) fn linked(&self) {
        self.commands.linked();
        self.configs.linked();
    }

    /// There is none.
    pub(crate) fn unlinked(&self) {
        self.commands.unlinked();
        self.configs.unlinked();
    }

    /// The broker has taken a message.
    pub(crate) fn acked(&self, errand: Errand) {
        match errand {
            Errand::Command(command) => self.commands.acked(command),
            Errand::Config(pushed) => self.configs.acked(pushed),
        }
    }

    /// These messages never left.
    pub(crate) fn unsent(&self, errands: impl IntoIterator<Item = Errand>) {
        let (mut commands, mut configs) = (Vec::new(), Vec::new());
        for errand in errands {
            match errand {
                Errand::Command(command) => commands.push(command),
                Errand::Config(pushed) => configs.push(pushed),
            }
        }
        self.commands.unsent(commands);
        self.configs.unsent(configs);
    }

    /// The link takes more.
    pub(crate) fn has_room(&self) {
        self.commands.has_room();
        self.configs.has_room();
    }

    /// These nodes have just connected or restarted.
    pub(crate) fn back(&self, nodes: &[NodeId]) {
        self.commands.back(nodes.iter().copied());
        self.configs.back(nodes.iter().copied());
    }
}
