//! What pages with latches are told from, and the latches on them.
use super::{model::OnPage, switches::Switches, tell::Switchboard};
use crate::{
    board::{Board, Group, Seen},
    devices::Known,
    error::AppError,
    reader::Reader,
    state::AppState,
};
use domain::HouseId;
use store::{AsyncPgConnection, FarmScope, home::Device};

/// What a farm's switches are told from.
pub(super) struct Loaded {
    pub(super) known: Known,
    pub(super) switches: Switches,
}

impl Loaded {
    /// All of a farm's, in its transaction.
    pub(super) async fn read(
        conn: &mut AsyncPgConnection,
        scope: &FarmScope,
        state: &AppState,
    ) -> Result<Self, AppError> {
        let known = Known::read(conn, scope, state.clock.now()).await?;
        let switches = Switches::read(conn, scope, known.now).await?;
        Ok(Self { known, switches })
    }

    /// For one reader, on a page.
    pub(super) fn board(&self, reader: Reader, page: OnPage) -> Switchboard<'_> {
        Switchboard { teller: self.known.teller(reader), switches: &self.switches, page }
    }

    /// The latches of all houses or of one, house by house.
    pub(super) fn all(&self, reader: Reader, house: Option<HouseId>) -> Board {
        let told = self.board(reader, OnPage::Control(house));
        let group = |title: String, place: Option<HouseId>| {
            let devices = self.in_place(place).map(|device| told.device(device)).collect();
            Group::devices(title, devices)
        };
        let houses = self.known.facts.farm.houses.iter();
        let houses = houses.filter(|one| house.is_none_or(|only| one.id == only));
        let groups = houses.map(|house| group(house.name.clone(), Some(house.id)));
        let rest = house.is_none().then(|| group(reader.say("devices-whole-farm"), None));
        Board::new(groups.chain(rest).collect())
    }

    /// One latch.
    pub(super) fn one(&self, reader: Reader, device: &Device) -> Board {
        let told = self.board(reader, OnPage::Device);
        Board::new(vec![Group::devices(reader.say("device-now"), vec![told.device(device)])])
    }

    /// What can be switched and hangs in a house, or serves the whole farm.
    pub(super) fn in_place(&self, house: Option<HouseId>) -> impl Iterator<Item = &Device> {
        self.known.in_house(house).filter(|device| self.switches.stance(device.id).is_some())
    }

    /// A page's content with what is waited for until it is looked at again.
    pub(super) fn seen(&self, board: Board) -> Seen {
        let rest = self.known.rest();
        let rest = self.switches.rest(self.known.now).map_or(rest, |own| own.min(rest));
        Seen { board, nodes: self.known.node_names(), rest }
    }
}
