// A controller with one switch, as a farmer's would be: its own credentials, and Debian's mosquitto_pub and _sub alone.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setting, sql, tokkatot } from "./installation";

/** What a device is told. */
export interface Command {
  command_id: string;
  device: string;
  action: string;
  value: number | null;
  duration_ms: number | null;
  /** When it came here, milliseconds. */
  came: number;
}

/** What did not come by then does not come, milliseconds. */
const PATIENCE = 15_000;

export class Switch {
  /** Its name on pages, found nowhere else. */
  readonly device: string;
  readonly commands: Command[] = [];
  private seq = 0;
  private taken = 0;
  private waiting: (() => void)[] = [];

  private constructor(
    readonly name: string,
    private readonly password: string,
    private readonly ears: ChildProcess,
  ) {
    this.device = name;
  }

  /** Puts it into the farm's first house, off and connected, and listens to what it is told. */
  static async of(farm: string, kind = "fan"): Promise<Switch> {
    const made = JSON.parse(tokkatot("node", "create", "--name", `switch-${Date.now()}`, "--farm", farm));
    const ears = await listen(made.node, made.password);
    const device = new Switch(made.node, made.password, ears);
    createInterface({ input: ears.stdout! }).on("line", (line) => device.hears(line));
    await device.untilItIsKnown();
    sql(`UPDATE devices SET approved_at = now(), kind = '${kind}', type = 'relay', position = -1, house_id = (SELECT id FROM houses WHERE farm_id = devices.farm_id ORDER BY position LIMIT 1)
         WHERE node_id = (SELECT id FROM nodes WHERE name = '${made.node}')`);
    return device;
  }

  /** The selector of its card on a page. */
  get card(): string {
    return `.device[data-device="${this.device}"]`;
  }

  /** The address of the page that tells all about it. */
  about(home: string): string {
    return `${home}/devices/${sql(`SELECT id FROM devices WHERE device_id LIKE '${this.name}:%'`)}`;
  }

  /** The next command that was not asked for here yet; it may have come already. */
  async told(): Promise<Command> {
    const place = this.taken++;
    const patience = setTimeout(() => this.goOn(), PATIENCE);
    const until = Date.now() + PATIENCE;
    while (this.commands.length <= place && Date.now() < until) await new Promise<void>((resolve) => this.waiting.push(resolve));
    clearTimeout(patience);
    if (this.commands.length > place) return this.commands[place];
    const asked = sql(`SELECT coalesce(string_agg(concat_ws(' ', c.command_type, c.status, c.reason), ', ' ORDER BY c.place), 'nothing') FROM device_commands c JOIN devices d ON d.id = c.device_id JOIN nodes n ON n.id = d.node_id WHERE n.name = '${this.name}'`);
    throw new Error(`${this.name} was told nothing more; what was asked of it: ${asked}`);
  }

  /** Says what became of a command. */
  answer(command: Command, status: "executing" | "completed" | "failed", more: { state?: string; error?: string } = {}): void {
    this.publish("result", { command_id: command.command_id, status, state: null, error: null, ...more, ts: Date.now() });
  }

  /** Says what it is doing. */
  report(state: string, cause: string): void {
    this.seq += 1;
    this.publish("state", { boot: "browser", seq: this.seq, ts: Date.now(), states: [{ device: this.device, state, value: null, cause, since: Date.now() }] });
  }

  /** Takes it from the farm, so that the next test finds Home as it was. */
  leave(): void {
    this.ears.kill();
    const own = `node_id = (SELECT id FROM nodes WHERE name = '${this.name}')`;
    sql(`UPDATE devices SET deleted_at = now() WHERE ${own}`);
    tokkatot("node", "revoke", "--name", this.name);
  }

  private publish(topic: string, message: unknown, ...more: string[]): void {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    const to = ["--qos", "1", "--topic", `tokkatot/${this.name}/up/${topic}`, "--message", text, ...more];
    execFileSync("mosquitto_pub", [...broker(this.name, this.password), ...to], { stdio: "pipe", timeout: 5_000 });
  }

  private hears(line: string): void {
    // beside the commands it tells of its own doings
    if (!line.startsWith("{")) return;
    this.commands.push({ ...JSON.parse(line), came: Date.now() });
    this.goOn();
  }

  private goOn(): void {
    for (const go of this.waiting.splice(0)) go();
  }

  private async untilItIsKnown(): Promise<void> {
    for (let tries = 0; tries < 100; tries++) {
      // what is said before the broker knows its rights is lost without a word; and a channel that is heard of in the
      // moment in which its controller comes counts as away until that comes once more
      if (tries % 10 === 0) {
        if (tries > 0) this.publish("availability", "offline", "--retain");
        this.publish("availability", "online", "--retain");
        this.report("off", "boot");
      }
      if (sql(`SELECT count(*) FROM devices JOIN nodes ON nodes.id = devices.node_id WHERE nodes.name = '${this.name}' AND devices.is_online`) === "1") return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${this.name} was not known within ten seconds`);
  }
}

function broker(name: string, password: string): string[] {
  return ["--host", "127.0.0.1", "--port", setting("TOKKATOT_MQTT_PORT"), "--username", name, "--pw", password];
}

/** The server writes the broker's files within a second of the registration: until then nobody is let in, and who
    comes at that moment may be left without a word. */
async function listen(name: string, password: string): Promise<ChildProcess> {
  for (let tries = 0; tries < 50; tries++) {
    const ears = await subscribed(name, password);
    if (ears) return ears;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${name} was not let in by the broker`);
}

/** With -d mosquitto_sub says when it was subscribed, and with which rights; into a pipe it would say that, and all else, in blocks. */
function subscribed(name: string, password: string): Promise<ChildProcess | null> {
  const topic = ["--qos", "1", "--topic", `tokkatot/${name}/down/command`, "-d"];
  const ears = spawn("stdbuf", ["-oL", "mosquitto_sub", ...broker(name, password), ...topic], { stdio: ["ignore", "pipe", "ignore"] });
  return new Promise((resolve) => {
    const patience = setTimeout(() => ears.kill(), 2_000);
    ears.on("exit", () => resolve(null));
    ears.stdout.on("data", (text: Buffer) => {
      if (!/Subscribed .*: 1/.test(String(text))) return;
      clearTimeout(patience);
      resolve(ears);
    });
  });
}
