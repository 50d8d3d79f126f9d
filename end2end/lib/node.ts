// A node as a farmer's controller would be: its own credentials, Debian's mosquitto_pub, protocol v1.
import { execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setting, sql, tokkatot } from "./installation";

/** A registered node of a farm with one device, which waits for approval. */
export class Node {
  /** The name of its one device, found nowhere else on a page. */
  device: string;
  private seq = 0;

  private constructor(
    readonly name: string,
    private password: string,
    /** What stands on its box. */
    readonly code = "",
  ) {
    this.device = name;
  }

  /** Registers it, and lets it send a first value, which makes its device known. */
  static async of(farm: string, value: number): Promise<Node> {
    const made = JSON.parse(tokkatot("node", "create", "--name", `browser-${Date.now()}`, "--farm", farm));
    const node = new Node(made.node, made.password);
    await node.untilItIsLetIn(value);
    return node;
  }

  /** Registers one that belongs to nobody yet, and has said nothing. */
  static unclaimed(): Node {
    const made = JSON.parse(tokkatot("node", "create", "--name", `box-${Date.now()}`));
    return new Node(made.node, made.password, made.claim_code);
  }

  /** Lets it speak until its first value is stored. */
  async speak(value: number): Promise<void> {
    await this.untilItIsLetIn(value);
  }

  /** Accepts its device, into the farm's first house. */
  approve(): void {
    sql(`UPDATE devices SET approved_at = now(), house_id = (SELECT id FROM houses WHERE farm_id = devices.farm_id ORDER BY position LIMIT 1)
         WHERE node_id = (SELECT id FROM nodes WHERE name = '${this.name}')`);
  }

  /** The address of its device's page, or of its own. */
  page(farm: string, what: "devices" | "nodes" = "devices"): string {
    const own = `node_id = (SELECT id FROM nodes WHERE name = '${this.name}') AND deleted_at IS NULL`;
    const id = what === "nodes" ? `SELECT id FROM nodes WHERE name = '${this.name}'` : `SELECT id FROM devices WHERE ${own}`;
    return `${farm}/${what}/${sql(id)}`;
  }

  /** Somebody types another password into it. */
  enter(password: string): void {
    this.password = password;
  }

  /** Whether the broker lets it in. */
  isLetIn(): boolean {
    try {
      this.say("availability", "online");
      return true;
    } catch {
      return false;
    }
  }

  /** Connects under its own name and stays, as a box does that has power. `again` waits until it had to connect once
      more, and `close` takes the power away. */
  async plugIn(): Promise<{ again: () => Promise<void>; close: () => void }> {
    const own = ["--id", this.name, "--qos", "1", "--topic", `tokkatot/${this.name}/down/ack`, "-d"];
    const process = spawn("stdbuf", ["-oL", "mosquitto_sub", ...this.access(), ...own], { stdio: ["ignore", "pipe", "ignore"] });
    const lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
    const connected = async (): Promise<void> => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`mosquitto_sub of ${this.name} has ended`);
        if (/received CONNACK \(0\)/.test(value)) return;
      }
    };
    await connected();
    this.say("availability", "online", true);
    return { again: connected, close: () => void process.kill() };
  }

  /** Begins to tell from its first message, as a box does after each connect. */
  beginAnew(): void {
    this.seq = 0;
  }

  /** The selector of its temperature on a page. */
  get temperature(): string {
    return `data.reading[data-device="${this.device}"][data-sensor="temperature"]`;
  }

  /** Publishes one temperature, measured this many seconds ago. */
  publish(value: number, secondsAgo = 0): void {
    this.seq += 1;
    const reading = { device: this.device, sensor: "temperature", value, unit: "°C" };
    const message = { boot: "browser", seq: this.seq, ts: Date.now() - secondsAgo * 1000, readings: [reading] };
    this.say("readings", message);
  }

  /** Publishes on `up/{kind}`: a word, or JSON. */
  say(kind: string, message: unknown, retained = false): void {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    const to = [...this.access(), "--qos", "1", "--topic", `tokkatot/${this.name}/up/${kind}`];
    execFileSync("mosquitto_pub", [...to, ...(retained ? ["--retain"] : []), "--message", text], { stdio: "pipe" });
  }

  /** Listens on `down/{kind}` until `close`; `next` waits for what comes. */
  async listen(kind: string): Promise<{ next: () => Promise<Record<string, unknown>>; close: () => void }> {
    const topic = `tokkatot/${this.name}/down/${kind}`;
    // into a pipe it would say all that it has to say in blocks
    const process = spawn("stdbuf", ["-oL", "mosquitto_sub", ...this.access(), "--qos", "1", "--topic", topic, "-d"], { stdio: ["ignore", "pipe", "ignore"] });
    const lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
    const until = async (wanted: (line: string) => boolean): Promise<string> => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`mosquitto_sub of ${this.name} has ended`);
        if (wanted(value)) return value;
      }
    };
    await until((line) => /^Subscribed .*: 1/.test(line));
    const next = async () => JSON.parse(await until((line) => line.startsWith("{")));
    return { next, close: () => void process.kill() };
  }

  private access(): string[] {
    return ["--host", "127.0.0.1", "--port", setting("TOKKATOT_MQTT_PORT"), "--username", this.name, "--pw", this.password];
  }

  /** Takes it from the farm, so that the next test finds Home as it was. */
  leave(): void {
    const own = `node_id = (SELECT id FROM nodes WHERE name = '${this.name}')`;
    sql(`UPDATE devices SET deleted_at = now() WHERE ${own}`);
    const isShutOut = sql(`SELECT revoked_at IS NOT NULL FROM nodes WHERE name = '${this.name}'`) === "t";
    if (!isShutOut) tokkatot("node", "revoke", "--name", this.name);
  }

  /** Makes its latest value older, as if it had been silent since. */
  rewind(seconds: number): void {
    const series = `SELECT series.id FROM series JOIN devices ON devices.id = series.device_id JOIN nodes ON nodes.id = devices.node_id WHERE nodes.name = '${this.name}'`;
    sql(`UPDATE latest_readings SET ts = ts - interval '${seconds} seconds' WHERE series_id IN (${series})`);
  }

  /** The server writes the broker's files within a second of the registration; the device is known once a value was stored. */
  private async untilItIsLetIn(value: number): Promise<void> {
    for (let tries = 0; tries < 50; tries++) {
      try {
        this.publish(value);
        if (sql(`SELECT count(*) FROM devices JOIN nodes ON nodes.id = devices.node_id WHERE nodes.name = '${this.name}'`) === "1") return;
      } catch {
        // not let in yet
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${this.name} was not let in by the broker, or its reading was not stored, within five seconds`);
  }
}
