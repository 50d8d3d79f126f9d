// The installation that `cargo xtask end2end` has started for this run, as a person on its machine sees it.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

export const address = required("TOKKATOT_TEST_URL");
export const folder = required("TOKKATOT_TEST_FOLDER");

const settings = new Map(lines(`${folder}/env`).map((line) => [line.split("=")[0], line.slice(line.indexOf("=") + 1)]));

/** One setting of the installation. */
export function setting(name: string): string {
  const value = settings.get(name);
  if (value === undefined) throw new Error(`${folder}/env has no ${name}`);
  return value;
}

/** The demo account of a role. */
export function account(role: string): { login: string; password: string } {
  for (const line of lines(`${folder}/demo-credentials`)) {
    const [found, login, password] = line.split(/\s+/);
    if (found === role) return { login, password };
  }
  throw new Error(`no demo account for ${role}`);
}

/** Lets the built binary do something; returns what it printed. */
export function tokkatot(...args: string[]): string {
  return execFileSync(`${folder}/bin/tokkatot`, [...args, "--env-file", `${folder}/env`], { encoding: "utf8", env: ownEnvironment() });
}

/** SQL as the owner of the schema: for what no page can do yet. */
export function sql(text: string): string {
  const args = ["--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--command", text];
  return execFileSync("psql", [...args, setting("TOKKATOT_OWNER_DATABASE_URL")], { encoding: "utf8" }).trim();
}

/** Ends a process of the installation for good. */
export function end(part: string): void {
  process.kill(Number(readFileSync(`${folder}/run/${part}.pid`, "utf8")), "SIGTERM");
}

function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TOKKATOT_")));
}

function lines(file: string): string[] {
  return readFileSync(file, "utf8").split("\n").filter((line) => line !== "");
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: start the browser tests by \`make end2end\``);
  return value;
}
