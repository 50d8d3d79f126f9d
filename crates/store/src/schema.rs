//! The tables as Diesel sees them, with the database's own comments. Written by the test
//! `schema_file`; change the migrations instead.

/// Types of the database's own.
pub mod sql_types {
    /// How a person wants to hear of alerts; only in_app is delivered.
    #[derive(Debug, Clone, Copy, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "alert_channel"))]
    pub struct AlertChannel;

    /// How grave an alert is.
    #[derive(Debug, Clone, Copy, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "alert_severity"))]
    pub struct AlertSeverity;

    /// What kind of chicken a house holds.
    #[derive(Debug, Clone, Copy, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "bird_kind"))]
    pub struct BirdKind;

    /// What asked for a command.
    #[derive(Debug, Clone, Copy, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "command_source"))]
    pub struct CommandSource;

    /// How far a command has come.
    #[derive(Debug, Clone, Copy, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "command_status"))]
    pub struct CommandStatus;

    /// What a farmer sees in a device: decides icon, command life, interlocks.
    #[derive(Debug, Clone, Copy, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "device_kind"))]
    pub struct DeviceKind;

    /// The electrical type of a channel.
    #[derive(Debug, Clone, Copy, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "device_type"))]
    pub struct DeviceType;

    /// How grave an event is.
    #[derive(Debug, Clone, Copy, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "event_severity"))]
    pub struct EventSeverity;

    /// What became of one time of a schedule.
    #[derive(Debug, Clone, Copy, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "execution_status"))]
    pub struct ExecutionStatus;

    /// What a device does by itself when its node has lost the broker.
    #[derive(Debug, Clone, Copy, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "link_loss"))]
    pub struct LinkLoss;

    /// How loud a notification is.
    #[derive(Debug, Clone, Copy, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "notification_severity"))]
    pub struct NotificationSeverity;

    /// What a schedule asks of its device.
    #[derive(Debug, Clone, Copy, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "schedule_action"))]
    pub struct ScheduleAction;

    /// What starts a schedule: the clock, a cycle of on and off, or a condition.
    #[derive(Debug, Clone, Copy, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "schedule_type"))]
    pub struct ScheduleType;

    /// What a person may do: on a farm (farm_users), or on the platform (users).
    #[derive(Debug, Clone, Copy, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "user_role"))]
    pub struct UserRole;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// Which alerts a person wants to hear of, and when not.
    alert_subscriptions (id) {
        /// Identity.
        id -> Uuid,
        /// The person.
        user_id -> Uuid,
        /// The kind of alert, such as temp_high.
        #[max_length = 50]
        alert_type -> Varchar,
        /// How to hear of it; only in_app is delivered, the others are kept as wishes.
        channel -> AlertChannel,
        /// False: the person does not want these.
        is_enabled -> Bool,
        /// Start of the hours without sound, in the person's zone.
        quiet_hours_start -> Nullable<Time>,
        /// End of those hours; before the start: on the next day.
        quiet_hours_end -> Nullable<Time>,
        /// When it was made.
        created_at -> Timestamptz,
        /// When the row was last changed.
        updated_at -> Timestamptz,
        /// When it was deleted.
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// What is or was wrong; at most one active of a kind per thing.
    alerts (id) {
        /// Identity.
        id -> Uuid,
        /// The farm.
        farm_id -> Uuid,
        /// The device it is about, if it is about one.
        device_id -> Nullable<Uuid>,
        /// What is wrong, such as temp_high.
        #[max_length = 50]
        alert_type -> Varchar,
        /// How grave it is now.
        severity -> AlertSeverity,
        /// English fallback; people read a text made of the type and the values.
        message -> Text,
        /// The limit that was passed, in the series' unit.
        threshold_value -> Nullable<Numeric>,
        /// The value that passed it, in the series' unit.
        actual_value -> Nullable<Numeric>,
        /// False once it is resolved.
        is_active -> Bool,
        /// Who has seen to it; this ends reminders only.
        acknowledged_by -> Nullable<Uuid>,
        /// When that was.
        acknowledged_at -> Nullable<Timestamptz>,
        /// When it was raised.
        triggered_at -> Timestamptz,
        /// When it was over.
        resolved_at -> Nullable<Timestamptz>,
        /// When it was taken off the list.
        deleted_at -> Nullable<Timestamptz>,
        /// The node it is about, if it is about a whole node.
        node_id -> Nullable<Uuid>,
        /// The house it is about, if it is about a whole house.
        house_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// What was asked of devices and what became of it.
    device_commands (id) {
        /// Identity, given by the client's first tap: a repeated tap is the same command.
        id -> Uuid,
        /// The device's farm.
        farm_id -> Uuid,
        /// The device.
        device_id -> Uuid,
        /// on, off, set_value, set_angle.
        #[max_length = 50]
        command_type -> Varchar,
        /// What goes with it: value, duration_ms.
        command_params -> Nullable<Jsonb>,
        /// Who asked; always given when source is user.
        requested_by -> Nullable<Uuid>,
        /// How far it has come, as people are told.
        status -> CommandStatus,
        /// The device's result.
        response_data -> Nullable<Jsonb>,
        /// Why it failed, in the device's words.
        error_message -> Nullable<Text>,
        /// When it was asked for.
        requested_at -> Timestamptz,
        /// When the broker took it.
        sent_at -> Nullable<Timestamptz>,
        /// When it ended, well or not.
        completed_at -> Nullable<Timestamptz>,
        /// When the row was made.
        created_at -> Timestamptz,
        /// Kept from the specification; commands are not deleted by people.
        deleted_at -> Nullable<Timestamptz>,
        /// What asked for it.
        source -> CommandSource,
        /// Why it ended as it did, unless it is simply done: expired, no_answer, superseded, cancelled, interlocked, stopped, forbidden, refused, disagrees.
        reason -> Nullable<Text>,
        /// After this it is never carried out.
        expires_at -> Timestamptz,
        /// The order in which commands were asked for.
        place -> BigInt,
        /// What was tapped, such as toggle; NULL where nobody tapped.
        wish -> Nullable<Text>,
        /// How often it was handed to the broker, or was about to be.
        attempts -> Integer,
        /// When it was last handed to the broker, or was about to be; NULL while it waits. Then, and until it ends, it is in flight: one per device.
        attempted_at -> Nullable<Timestamptz>,
        /// When the device said that it has heard.
        executing_at -> Nullable<Timestamptz>,
        /// When waiting for what comes next is given up; NULL while it is not in flight.
        due_at -> Nullable<Timestamptz>,
        /// The emergency stop that asked for it.
        stop_id -> Nullable<Uuid>,
        /// What did not let it be sent, if an interlock did not: rule, until (microseconds since 1970) and by, the device that ran instead.
        held -> Nullable<Jsonb>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// Settings of a device: thresholds, polling, calibration. An older value is a deleted row.
    device_configs (id) {
        /// Identity.
        id -> Uuid,
        /// The device.
        device_id -> Uuid,
        /// What is set, such as temp_threshold_high.
        parameter_name -> Text,
        /// The value: a number, or an object such as {"a": 1.02, "b": -0.4}.
        parameter_value -> Jsonb,
        /// Unit of the value, such as °C.
        #[max_length = 20]
        unit -> Nullable<Varchar>,
        /// Smallest value that may be set, in unit.
        min_value -> Nullable<Numeric>,
        /// Largest value that may be set, in unit.
        max_value -> Nullable<Numeric>,
        /// Whether the value was measured on this very device.
        is_calibrated -> Bool,
        /// Since when it holds.
        created_at -> Timestamptz,
        /// When the row was last changed.
        updated_at -> Timestamptz,
        /// Until when it held.
        deleted_at -> Nullable<Timestamptz>,
        /// The device's farm.
        farm_id -> Uuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// Channels of nodes: a fan, a lamp, a pair of sensors.
    devices (id) {
        /// Identity; what URLs and the live stream use.
        id -> Uuid,
        /// The farm; a node that moves gets new devices there.
        farm_id -> Uuid,
        /// Hardware name node:channel, unique among the living in the whole installation.
        #[max_length = 101]
        device_id -> Varchar,
        /// What the farmer calls it; at first its channel.
        name -> Text,
        /// Electrical type of the channel.
        #[sql_name = "type"]
        type_ -> DeviceType,
        /// Hardware model, such as ESP32-WROOM-32.
        model -> Nullable<Text>,
        /// Firmware of its node when it was last told; "unknown" before.
        #[max_length = 20]
        firmware_version -> Varchar,
        /// serial:channel of the hardware, unique among the living.
        hardware_id -> Text,
        /// Where it hangs, in words.
        location -> Nullable<Text>,
        /// False while a manager has taken it out of use.
        is_active -> Bool,
        /// Whether its node can be reached.
        is_online -> Bool,
        /// Last sign of life of its node, by our clock.
        last_heartbeat -> Nullable<Timestamptz>,
        /// How the last command ended: success, failed or timeout.
        #[max_length = 50]
        last_command_status -> Nullable<Varchar>,
        /// When the last command ended.
        last_command_at -> Nullable<Timestamptz>,
        /// When it was first heard of or added.
        created_at -> Timestamptz,
        /// When the row was last changed, signs of life and reports aside.
        updated_at -> Timestamptz,
        /// When it was taken off the list; its history stays.
        deleted_at -> Nullable<Timestamptz>,
        /// The controller it belongs to; NULL if it has none.
        node_id -> Nullable<Uuid>,
        /// The house it hangs in; NULL if it serves the whole farm.
        house_id -> Nullable<Uuid>,
        /// Its name on the node, as in messages; NULL without a node.
        channel -> Nullable<Text>,
        /// What the farmer sees in it.
        kind -> DeviceKind,
        /// When a manager accepted it; NULL: a new device, not yet on pages.
        approved_at -> Nullable<Timestamptz>,
        /// What it last said of itself, such as on or off.
        reported_state -> Nullable<Text>,
        /// The number that came with the state: percent of a pwm, degrees of a servo.
        reported_value -> Nullable<Double>,
        /// Why it is so, in the device's words: command, button, timer, safety …
        reported_cause -> Nullable<Text>,
        /// Since when it has been so, by the corrected time of the device.
        reported_since -> Nullable<Timestamptz>,
        /// When it said so, by the corrected time of the device.
        reported_at -> Nullable<Timestamptz>,
        /// What was last asked of it.
        desired_state -> Nullable<Text>,
        /// Order on pages, smallest first.
        position -> Integer,
        /// Its picture, where that is not the one of its kind.
        icon -> Nullable<Text>,
        /// When a manager took it out of use; NULL while it is in use. What it sends is kept all the same.
        retired_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// Pressed emergency stops. While one stands, nothing it holds is switched on by anybody.
    emergency_stops (id) {
        /// Identity, given by the first tap.
        id -> Uuid,
        /// The farm.
        farm_id -> Uuid,
        /// The house; NULL is the whole farm.
        house_id -> Nullable<Uuid>,
        /// Whether fans stand still too.
        includes_fans -> Bool,
        /// Who pressed it.
        pressed_by -> Uuid,
        /// When it was pressed.
        pressed_at -> Timestamptz,
        /// The manager who let the farm go on; NULL while it stands.
        released_by -> Nullable<Uuid>,
        /// When the farm was let go on; NULL while it stands.
        released_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// Immutable audit trail, one partition per UTC month. Kept for 5 years.
    event_logs (id, created_at) {
        /// Identity together with created_at.
        id -> BigInt,
        /// The farm; NULL for accounts, node registration and the operator's work.
        farm_id -> Nullable<Uuid>,
        /// The device it is about.
        device_id -> Nullable<Uuid>,
        /// Who did it, or whose account it is about.
        user_id -> Nullable<Uuid>,
        /// What happened, such as device_online.
        #[max_length = 50]
        event_type -> Varchar,
        /// Whose doing it is: device, user or system.
        #[max_length = 20]
        event_category -> Varchar,
        /// How grave it is.
        severity -> EventSeverity,
        /// English fallback; people read a text made of event_type and event_data.
        message -> Text,
        /// What goes with it: names, old and new values.
        event_data -> Nullable<Jsonb>,
        /// The address it came from.
        ip_address -> Nullable<Inet>,
        /// The browser it came from, as it names itself.
        user_agent -> Nullable<Text>,
        /// When it happened.
        created_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// Who belongs to which farm, with which role there.
    farm_users (id) {
        /// Identity.
        id -> Uuid,
        /// The farm.
        farm_id -> Uuid,
        /// The member.
        user_id -> Uuid,
        /// What the member may do on this farm.
        role -> UserRole,
        /// Who brought the member in; the founder names himself.
        invited_by -> Uuid,
        /// False while the membership is suspended.
        is_active -> Bool,
        /// When the membership began.
        created_at -> Timestamptz,
        /// When the row was last changed.
        updated_at -> Timestamptz,
        /// When the member was removed; a new membership is a new row.
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// Farms. Never deleted in fact, since events refer to them.
    farms (id) {
        /// Identity.
        id -> Uuid,
        /// Who the farm belongs to.
        owner_id -> Uuid,
        /// What the farm is called, in any script.
        name -> Text,
        /// Where it is, in words.
        location -> Nullable<Text>,
        /// IANA zone of the farm's pages, schedules and daily figures.
        #[max_length = 40]
        timezone -> Varchar,
        /// Degrees north.
        latitude -> Nullable<Numeric>,
        /// Degrees east.
        longitude -> Nullable<Numeric>,
        /// Free text.
        description -> Nullable<Text>,
        /// Kept from the specification; nothing uses it yet.
        image_url -> Nullable<Text>,
        /// False while an admin has paused the farm or the operator has suspended it.
        is_active -> Bool,
        /// When the farm was made.
        created_at -> Timestamptz,
        /// When the row was last changed.
        updated_at -> Timestamptz,
        /// When the farm was deleted; names are made anonymous 30 days later.
        deleted_at -> Nullable<Timestamptz>,
        /// When an admin paused the farm; NULL while none has.
        paused_at -> Nullable<Timestamptz>,
        /// When the operator suspended the farm; NULL while they have not.
        suspended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// Coops: where the birds live and the devices hang.
    houses (id) {
        /// Identity.
        id -> Uuid,
        /// The farm it stands on.
        farm_id -> Uuid,
        /// What it is called, in any script.
        name -> Text,
        /// What kind of chicken it holds.
        bird_kind -> BirdKind,
        /// How many birds were placed; NULL if it is not known.
        bird_count -> Nullable<Integer>,
        /// Day 0 of the birds, in the farm's zone; NULL while it is empty.
        placed_on -> Nullable<Date>,
        /// Order on pages, smallest first.
        position -> Integer,
        /// When it was added.
        created_at -> Timestamptz,
        /// When the row was last changed.
        updated_at -> Timestamptz,
        /// When it was taken off the list.
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// What a device must keep to, whoever switches it. Without a row the usual for its kind holds.
    interlocks (device_id) {
        /// The device.
        device_id -> Uuid,
        /// The device's farm.
        farm_id -> Uuid,
        /// Longest time it may run, in seconds; then it is switched off.
        max_on_s -> Nullable<Integer>,
        /// Shortest time it must run, in seconds.
        min_on_s -> Nullable<Integer>,
        /// Shortest time it must rest, in seconds.
        min_off_s -> Nullable<Integer>,
        /// How often it may start within an hour.
        max_starts_per_hour -> Nullable<Integer>,
        /// Nothing else of this group runs on the farm at the same time.
        exclusive_group -> Nullable<Text>,
        /// Whether it, a heater or a fan, may not run beside its counterpart in the house.
        excludes_heat_and_cooling -> Bool,
        /// What it does by itself when its node has lost the broker.
        on_link_loss -> LinkLoss,
        /// When it was first set.
        created_at -> Timestamptz,
        /// When the row was last changed.
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// Ways into a farm: each lets one person in, once, with a role, until it expires or is taken back.
    invitations (id) {
        /// Identity.
        id -> Uuid,
        /// The farm it leads to.
        farm_id -> Uuid,
        /// What is typed, scanned or sent as a link. Worth nothing once used, revoked or expired.
        code -> Text,
        /// What the person may do there.
        role -> UserRole,
        /// Who invites.
        created_by -> Uuid,
        /// When it was made.
        created_at -> Timestamptz,
        /// When it ends by itself.
        expires_at -> Timestamptz,
        /// When somebody came by it.
        used_at -> Nullable<Timestamptz>,
        /// Who came by it.
        used_by -> Nullable<Uuid>,
        /// When it was taken back.
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// The newest reading of each series by ts. No second index, so that updates stay in the page.
    latest_readings (series_id) {
        /// When it was measured; only grows.
        ts -> Timestamptz,
        /// The value in the series' unit, calibrated.
        value -> Double,
        /// What the sensor said; NULL where calibration changed nothing.
        value_raw -> Nullable<Double>,
        /// When we received it.
        received_at -> Timestamptz,
        /// The series (series.id).
        series_id -> Integer,
        /// 0 good, 1 estimated, 2 interpolated, 3 suspect.
        quality -> SmallInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// The newest value of each series.
    latest_values (series_id) {
        /// The series (series.id).
        series_id -> Integer,
        /// The farm.
        farm_id -> Uuid,
        /// The device (devices.id).
        device_id -> Uuid,
        /// The quantity, such as temperature.
        sensor -> Text,
        /// Unit of value, such as °C.
        unit -> Text,
        /// Expected seconds between readings; NULL until it is known.
        interval_s -> Nullable<Integer>,
        /// When it was measured.
        ts -> Timestamptz,
        /// The value, calibrated.
        value -> Double,
        /// 0 good, 1 estimated, 2 interpolated, 3 suspect.
        quality -> SmallInt,
        /// When we received it.
        received_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// Who holds what only one server may do at a time.
    leases (name) {
        /// The duty, such as ingest.
        name -> Text,
        /// The server that holds it.
        holder -> Text,
        /// Counts the changes of holder; an older holder can tell that it lost.
        epoch -> BigInt,
        /// When another may take it, unless it is renewed before.
        expires_at -> Timestamptz,
        /// Whether the holder has the database's lock too, which ends with its connection.
        is_locked -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// The names of those who belong to the request's farms now.
    members (farm_id, user_id) {
        /// The farm.
        farm_id -> Uuid,
        /// The member (users.id).
        user_id -> Uuid,
        /// What the person is called, in any script.
        name -> Text,
        /// Kept from the specification; nothing uses it yet.
        avatar_url -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// The farms that this request names, as far as who is asking belongs to them.
    my_farms (farm_id) {
        /// The farm.
        farm_id -> Uuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// Runs of a node between two power cuts: how far each is acknowledged, and how wrong its clock is.
    node_boots (id) {
        /// Identity, short because every reading carries it.
        id -> Integer,
        /// The node.
        node_id -> Uuid,
        /// The node's own random name for the run.
        boot -> Text,
        /// Everything up to this seq is durable and was acknowledged; NULL if nothing was.
        acked_seq -> Nullable<BigInt>,
        /// Milliseconds added to all its times because its clock is wrong; NULL if it is right.
        clock_offset_ms -> Nullable<BigInt>,
        /// How many messages the node dropped before they could be delivered.
        given_up -> BigInt,
        /// When the run was first heard of.
        first_seen_at -> Timestamptz,
        /// The first seq whose times are right because the node's clock was set; NULL while clock_offset_ms holds for all.
        clock_set_seq -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// How far each controller's configuration has come: which version is wanted, was sent, is in force there. A controller without a row has nothing to be told.
    node_configs (node_id) {
        /// The controller.
        node_id -> Uuid,
        /// The farm of the devices that are configured.
        farm_id -> Uuid,
        /// The version that is wanted; grows with every change.
        version -> BigInt,
        /// When it last grew.
        changed_at -> Timestamptz,
        /// When it was last raised because the controller had a higher one.
        raised_at -> Nullable<Timestamptz>,
        /// The version that was handed to the broker, or was about to be; NULL where that may be lost, or has to be done again.
        attempted_version -> Nullable<BigInt>,
        /// The version that the broker has taken last.
        sent_version -> Nullable<BigInt>,
        /// When the broker took it.
        sent_at -> Nullable<Timestamptz>,
        /// The version that the controller last said it has in force.
        heard_version -> Nullable<BigInt>,
        /// When it said so.
        heard_at -> Nullable<Timestamptz>,
        /// The last wanted version that the controller confirmed.
        confirmed_version -> Nullable<BigInt>,
        /// The last wanted version that the controller refused.
        refused_version -> Nullable<BigInt>,
        /// When it refused it.
        refused_at -> Nullable<Timestamptz>,
        /// Why, in its words.
        refusal -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// Physical controllers, each with one MQTT credential.
    nodes (id) {
        /// Identity.
        id -> Uuid,
        /// The farm it works for; NULL until it is claimed.
        farm_id -> Nullable<Uuid>,
        /// MQTT user name and second level of its topics; never used again for another node.
        name -> Text,
        /// Serial number of the hardware.
        serial -> Nullable<Text>,
        /// Mosquitto's $7$ string (PBKDF2-HMAC-SHA512) of its password.
        password_hash -> Text,
        /// What a manager types to claim the node. It stays when that is done, so that whoever types it again is told so; NULL if there never was one or the node was revoked.
        claim_code -> Nullable<Text>,
        /// As its last heartbeat said.
        firmware_version -> Nullable<Text>,
        /// Whether it can be reached: availability and heartbeat together.
        is_online -> Bool,
        /// When is_online last changed.
        online_changed_at -> Nullable<Timestamptz>,
        /// Last sign of life, by our clock; retained messages are none.
        last_seen_at -> Nullable<Timestamptz>,
        /// Expected seconds between signs of life; offline after three of them, never under 60 s.
        heartbeat_interval_s -> Integer,
        /// Strength of its radio signal in dBm, from the last heartbeat.
        rssi_dbm -> Nullable<Integer>,
        /// Charge of its battery in percent, from the last heartbeat.
        battery_pct -> Nullable<Integer>,
        /// Free memory in bytes, from the last heartbeat.
        heap_free -> Nullable<BigInt>,
        /// Seconds since it started, from the last heartbeat.
        uptime_s -> Nullable<BigInt>,
        /// When its credential was withdrawn.
        revoked_at -> Nullable<Timestamptz>,
        /// When it was claimed for its farm.
        claimed_at -> Nullable<Timestamptz>,
        /// When it was registered.
        created_at -> Timestamptz,
        /// When the row was last changed, signs of life aside.
        updated_at -> Timestamptz,
        /// When it was taken off the list.
        deleted_at -> Nullable<Timestamptz>,
        /// When the claim code ends by itself; NULL: never.
        claim_expires_at -> Nullable<Timestamptz>,
        /// The controller that has taken its place; NULL if none has.
        replaced_by -> Nullable<Uuid>,
        /// Since when it has sent what can not be read, without ten minutes in between that it did not; NULL if it never has.
        answers_wrongly_since -> Nullable<Timestamptz>,
        /// When it last did, to the minute.
        answered_wrongly_at -> Nullable<Timestamptz>,
        /// What was wrong, as in quarantine.reason.
        answered_wrongly_why -> Nullable<Text>,
        /// When its password ended because its farm gave it away: nobody knows the one that the broker compares with. NULL once it was given another.
        password_ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// What each person was told, in the application only.
    notification_log (id) {
        /// Identity.
        id -> Uuid,
        /// Who was told.
        user_id -> Uuid,
        /// The farm it is about.
        farm_id -> Uuid,
        /// The alert behind it, if there is one.
        alert_id -> Nullable<Uuid>,
        /// What it tells, such as device_offline.
        #[max_length = 50]
        notification_type -> Varchar,
        /// How loud it is.
        severity -> NotificationSeverity,
        /// English fallback of the title; people read one made of type and metadata.
        #[max_length = 100]
        title -> Varchar,
        /// English fallback of the text; people read one made of type and metadata.
        message -> Text,
        /// Whether the person marked it as read.
        is_read -> Bool,
        /// What goes with it: device, value, limit.
        metadata -> Nullable<Jsonb>,
        /// When it was told.
        created_at -> Timestamptz,
        /// When it was marked as read.
        read_at -> Nullable<Timestamptz>,
        /// When it was taken off the list.
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// The last time a person took each device from automation. It holds until until_at, or until it is ended.
    overrides (device_id) {
        /// The device.
        device_id -> Uuid,
        /// The device's farm.
        farm_id -> Uuid,
        /// What was set: on, off, set_value, set_angle.
        action -> Text,
        /// Percent of set_value, degrees of set_angle.
        value -> Nullable<Double>,
        /// Who set it.
        set_by -> Uuid,
        /// When it was set.
        began_at -> Timestamptz,
        /// When automation takes over by itself.
        until_at -> Timestamptz,
        /// When it ended, by time, by a person or by an emergency stop; NULL while it holds.
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// Messages that could not be taken, and why.
    quarantine (id) {
        /// Identity.
        id -> BigInt,
        /// When it came.
        received_at -> Timestamptz,
        /// The topic it came on; what is no UTF-8 was replaced.
        topic -> Text,
        /// The node's name from the topic, if it could be read.
        node -> Nullable<Text>,
        /// A short code in kebab case, such as bad-json; the metric's label too.
        reason -> Text,
        /// What exactly was wrong, in English.
        detail -> Nullable<Text>,
        /// The first 4096 bytes of the message.
        payload -> Bytea,
        /// The message's whole size in bytes.
        size -> Integer,
        /// SHA-256 of the whole message.
        sha256 -> Bytea,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// Raw readings, one partition per UTC day. Read them through the view sensor_readings.
    readings (series_id, ts) {
        /// When it was measured: the device's time, corrected by its boot's offset.
        ts -> Timestamptz,
        /// The value in the series' unit, calibrated.
        value -> Double,
        /// What the sensor said; NULL where calibration changed nothing.
        value_raw -> Nullable<Double>,
        /// The message's number within its boot; NULL if it had none.
        seq -> Nullable<BigInt>,
        /// The commit it came with, counting up: the offset of whoever copies readings in order.
        batch_id -> BigInt,
        /// The device's own time; NULL where ts is just that.
        device_ts -> Nullable<Timestamptz>,
        /// The series (series.id).
        series_id -> Integer,
        /// The node's run (node_boots.id); NULL if it named none.
        boot_id -> Nullable<Integer>,
        /// 0 good, 1 estimated, 2 interpolated, 3 suspect.
        quality -> SmallInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// One-time codes in place of the second factor, for whoever has lost the phone.
    recovery_codes (user_id, code_hash) {
        /// Whose they are.
        user_id -> Uuid,
        /// Lower-case hexadecimal SHA-256 of the code.
        code_hash -> Text,
        /// When it was made.
        created_at -> Timestamptz,
        /// When it was used.
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// One-time codes for people who forgot their password. Shown once to whoever issues them.
    reset_codes (id) {
        /// Identity.
        id -> Uuid,
        /// Who may set a new password.
        user_id -> Uuid,
        /// Lower-case hexadecimal SHA-256 of the code.
        code_hash -> Text,
        /// Who issued it; NULL for the operator at the command line.
        issued_by -> Nullable<Uuid>,
        /// When it was issued.
        created_at -> Timestamptz,
        /// When it ends by itself.
        expires_at -> Timestamptz,
        /// When it was used, or made worthless by a newer one.
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// What became of each time of each schedule, one partition per UTC month. Kept for 5 years.
    schedule_executions (id, scheduled_time) {
        /// Identity.
        id -> Uuid,
        /// The schedule.
        schedule_id -> Uuid,
        /// The device.
        device_id -> Uuid,
        /// When it was due; once per schedule, so no two servers act on it.
        scheduled_time -> Timestamptz,
        /// When the device did it.
        actual_execution_time -> Nullable<Timestamptz>,
        /// What became of it.
        status -> ExecutionStatus,
        /// What was sent to the device.
        command_sent -> Jsonb,
        /// What the device answered.
        device_response -> Nullable<Jsonb>,
        /// Why it failed or was skipped, as a short English code or sentence.
        error_message -> Nullable<Text>,
        /// Milliseconds from sending to the device's result.
        execution_duration_ms -> Nullable<Integer>,
        /// When the row was made.
        created_at -> Timestamptz,
        /// Kept from the specification; executions are not deleted by people.
        deleted_at -> Nullable<Timestamptz>,
        /// The schedule's farm.
        farm_id -> Uuid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// What a device shall do by itself, and when.
    schedules (id) {
        /// Identity.
        id -> Uuid,
        /// The device's farm; its zone is the schedule's.
        farm_id -> Uuid,
        /// The device.
        device_id -> Uuid,
        /// What the farmer calls it.
        name -> Text,
        /// What starts it.
        schedule_type -> ScheduleType,
        /// Five fields in the farm's zone, such as "0 6 * * *": each time is acted on once.
        cron_expression -> Nullable<Text>,
        /// Local time of day at which it begins to hold.
        start_time -> Nullable<Time>,
        /// Local time of day at which it ceases to hold; before start_time: on the next day.
        end_time -> Nullable<Time>,
        /// Seconds on in each cycle, or after each start.
        on_duration -> Nullable<Integer>,
        /// Seconds off in each cycle.
        off_duration -> Nullable<Integer>,
        /// How many cycles; NULL is without end.
        repeat_count -> Nullable<Integer>,
        /// Condition on fresh readings, such as {"type":"temperature","operator":">","value":30}.
        condition_json -> Nullable<Jsonb>,
        /// What is asked of the device.
        action -> ScheduleAction,
        /// False while it is paused.
        is_enabled -> Bool,
        /// Who wins between two schedules of a device: the higher.
        priority -> Integer,
        /// Who made it.
        created_by -> Uuid,
        /// When it was made.
        created_at -> Timestamptz,
        /// When the row was last changed.
        updated_at -> Timestamptz,
        /// When it was deleted; what it did stays.
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// Raw readings under the specification's names.
    sensor_readings (device_id, sensor_type, time) {
        /// When it was measured.
        time -> Timestamptz,
        /// The farm.
        farm_id -> Uuid,
        /// The device (devices.id).
        device_id -> Uuid,
        /// The quantity, such as temperature.
        sensor_type -> Text,
        /// Unit of value, such as °C.
        unit -> Text,
        /// The value, calibrated.
        value -> Double,
        /// 0 good, 1 estimated, 2 interpolated, 3 suspect.
        quality -> SmallInt,
        /// The node's name, as in topics.
        node -> Nullable<Text>,
        /// The device's name on its node, as in messages.
        device -> Nullable<Text>,
        /// The node's run it came from; NULL if it named none.
        boot -> Nullable<Text>,
        /// The message's number within its boot; NULL if it had none.
        seq -> Nullable<BigInt>,
        /// What the sensor said; NULL where calibration changed nothing.
        value_raw -> Nullable<Double>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// One sensor quantity of one device: what a reading belongs to.
    series (id) {
        /// Identity, short because every reading carries it.
        id -> Integer,
        /// The device's farm.
        farm_id -> Uuid,
        /// The device that measures.
        device_id -> Uuid,
        /// The quantity, such as temperature.
        sensor -> Text,
        /// The one unit its values are stored in, such as °C.
        unit -> Text,
        /// Expected seconds between readings; NULL until it is known.
        interval_s -> Nullable<Integer>,
        /// When it was first heard of.
        created_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// Sign-ins whose password was right and whose second factor is asked for. No sessions: they open nothing.
    sign_in_steps (token_hash) {
        /// Lower-case hexadecimal SHA-256 of what the cookie carries.
        token_hash -> Text,
        /// Whose password was right.
        user_id -> Uuid,
        /// Lower-case hexadecimal SHA-256 of the password hash of that moment: another password ends the step.
        password_digest -> Text,
        /// Whether the session is to be one on somebody else's phone.
        is_borrowed -> Bool,
        /// When the password was typed.
        created_at -> Timestamptz,
        /// When it ends by itself.
        expires_at -> Timestamptz,
        /// When the second factor ended it: from then on it tells that and nothing else. NULL before.
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// What devices really switched, as they reported it: one row for each change between on and off.
    switchings (device_id, at) {
        /// The device.
        device_id -> Uuid,
        /// The device's farm.
        farm_id -> Uuid,
        /// When it switched, by the corrected time of the device.
        at -> Timestamptz,
        /// Whether it runs since then.
        is_on -> Bool,
        /// Why, in the device's words.
        cause -> Nullable<Text>,
        /// When the row was made.
        noted_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// Who is signed in where. Decides every request.
    user_sessions (id) {
        /// Identity, shown in the list of sessions.
        id -> Uuid,
        /// Who is signed in.
        user_id -> Uuid,
        /// Lower-case hexadecimal SHA-256 of the session id that the cookie carries.
        jwt_token_hash -> Text,
        /// What the person calls the phone or computer.
        device_name -> Nullable<Text>,
        /// Address of the sign-in.
        ip_address -> Inet,
        /// Browser of the sign-in, as it names itself.
        user_agent -> Text,
        /// False once the session was ended.
        is_active -> Bool,
        /// When it was last used, to the hour.
        last_activity -> Timestamptz,
        /// When it ends by itself.
        expires_at -> Timestamptz,
        /// When the person signed in.
        created_at -> Timestamptz,
        /// When it left the list of sessions.
        deleted_at -> Nullable<Timestamptz>,
        /// The farm last looked at; where / leads.
        last_farm_id -> Nullable<Uuid>,
        /// Language chosen for this session, if not the account's.
        language -> Nullable<Text>,
        /// On somebody else's phone: its end is fixed, and its cookie goes with the browser.
        is_borrowed -> Bool,
        /// The next request gets a new token, since the person's rights have changed.
        must_rotate -> Bool,
        /// The token before the last rotation: taken until 30 seconds after the new one was first seen, 10 minutes at most; good for another rotation only while the new one was not seen for 30 seconds.
        previous_token_hash -> Nullable<Text>,
        /// When the session got its token, if it is not its first.
        rotated_at -> Nullable<Timestamptz>,
        /// When somebody first came with the token of the last rotation; NULL before, and without a rotation.
        confirmed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::*;

    /// People with an account. Signs in with e-mail, phone or user name.
    users (id) {
        /// Identity.
        id -> Uuid,
        /// E-mail address as typed; unique without regard to case among the living.
        email -> Nullable<Text>,
        /// argon2id string, or an imported bcrypt one until the next sign-in.
        password_hash -> Text,
        /// What the person is called, in any script.
        name -> Text,
        /// Phone number in its one form: +, country, number, no spaces (domain::phones).
        phone -> Nullable<Text>,
        /// Language of pages: km or en.
        #[max_length = 10]
        language -> Varchar,
        /// IANA zone of quiet hours, digest and account pages.
        #[max_length = 40]
        timezone -> Varchar,
        /// Platform role: admin is the operator of the installation. On a farm farm_users.role decides.
        role -> UserRole,
        /// Kept from the specification; nothing uses it yet.
        avatar_url -> Nullable<Text>,
        /// False while the operator has locked the account out.
        is_active -> Bool,
        /// Kept from the specification; nothing uses it yet.
        email_verified -> Bool,
        /// Whether a second factor is asked at sign-in.
        mfa_enabled -> Bool,
        /// When the person last signed in.
        last_login -> Nullable<Timestamptz>,
        /// When the account was made.
        created_at -> Timestamptz,
        /// When the row was last changed, sign-ins aside.
        updated_at -> Timestamptz,
        /// When the account was deleted; its e-mail, phone and user name are free again.
        deleted_at -> Nullable<Timestamptz>,
        /// User name for people without e-mail; unique without regard to case among the living.
        username -> Nullable<Text>,
        /// Digits on pages: latin or khmer.
        digits -> Text,
        /// Times of day on pages: 12h (with day parts) or 24h.
        clock -> Text,
        /// Size of text on pages: normal, large or largest.
        text_size -> Text,
        /// Colours of pages: auto (as the phone), light or dark.
        theme -> Text,
        /// Shared secret of the second factor (RFC 6238); asked for once mfa_enabled is true.
        totp_secret -> Nullable<Bytea>,
        /// The newest 30-second step whose code was taken: no code works twice.
        totp_step -> Nullable<BigInt>,
    }
}

diesel::joinable!(alert_subscriptions -> users (user_id));
diesel::joinable!(alerts -> devices (device_id));
diesel::joinable!(alerts -> farms (farm_id));
diesel::joinable!(alerts -> houses (house_id));
diesel::joinable!(alerts -> nodes (node_id));
diesel::joinable!(alerts -> users (acknowledged_by));
diesel::joinable!(device_commands -> devices (device_id));
diesel::joinable!(device_commands -> emergency_stops (stop_id));
diesel::joinable!(device_commands -> farms (farm_id));
diesel::joinable!(device_commands -> users (requested_by));
diesel::joinable!(device_configs -> devices (device_id));
diesel::joinable!(device_configs -> farms (farm_id));
diesel::joinable!(devices -> farms (farm_id));
diesel::joinable!(devices -> houses (house_id));
diesel::joinable!(devices -> nodes (node_id));
diesel::joinable!(emergency_stops -> farms (farm_id));
diesel::joinable!(emergency_stops -> houses (house_id));
diesel::joinable!(event_logs -> devices (device_id));
diesel::joinable!(event_logs -> farms (farm_id));
diesel::joinable!(event_logs -> users (user_id));
diesel::joinable!(farm_users -> farms (farm_id));
diesel::joinable!(farms -> users (owner_id));
diesel::joinable!(houses -> farms (farm_id));
diesel::joinable!(interlocks -> devices (device_id));
diesel::joinable!(interlocks -> farms (farm_id));
diesel::joinable!(invitations -> farms (farm_id));
diesel::joinable!(node_boots -> nodes (node_id));
diesel::joinable!(node_configs -> farms (farm_id));
diesel::joinable!(node_configs -> nodes (node_id));
diesel::joinable!(nodes -> farms (farm_id));
diesel::joinable!(notification_log -> alerts (alert_id));
diesel::joinable!(notification_log -> farms (farm_id));
diesel::joinable!(notification_log -> users (user_id));
diesel::joinable!(overrides -> devices (device_id));
diesel::joinable!(overrides -> farms (farm_id));
diesel::joinable!(overrides -> users (set_by));
diesel::joinable!(recovery_codes -> users (user_id));
diesel::joinable!(schedule_executions -> devices (device_id));
diesel::joinable!(schedule_executions -> farms (farm_id));
diesel::joinable!(schedule_executions -> schedules (schedule_id));
diesel::joinable!(schedules -> devices (device_id));
diesel::joinable!(schedules -> farms (farm_id));
diesel::joinable!(schedules -> users (created_by));
diesel::joinable!(series -> devices (device_id));
diesel::joinable!(series -> farms (farm_id));
diesel::joinable!(sign_in_steps -> users (user_id));
diesel::joinable!(switchings -> devices (device_id));
diesel::joinable!(switchings -> farms (farm_id));
diesel::joinable!(user_sessions -> farms (last_farm_id));
diesel::joinable!(user_sessions -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    alert_subscriptions,
    alerts,
    device_commands,
    device_configs,
    devices,
    emergency_stops,
    event_logs,
    farm_users,
    farms,
    houses,
    interlocks,
    invitations,
    latest_readings,
    latest_values,
    leases,
    members,
    my_farms,
    node_boots,
    node_configs,
    nodes,
    notification_log,
    overrides,
    quarantine,
    readings,
    recovery_codes,
    reset_codes,
    schedule_executions,
    schedules,
    sensor_readings,
    series,
    sign_in_steps,
    switchings,
    user_sessions,
    users,
);
