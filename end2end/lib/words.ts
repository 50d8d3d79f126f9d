// The project's own words, so that a test looks for what a reader sees in either language.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type Language = "km" | "en";

const messages: Record<Language, Map<string, string>> = { km: read("km"), en: read("en") };

/** A message without variables. */
export function say(language: Language, id: string): string {
  const text = messages[language].get(id);
  if (text === undefined) throw new Error(`no message ${id} in ${language}`);
  return text;
}

function read(language: Language): Map<string, string> {
  const folder = join(import.meta.dirname, "../../locales", language);
  const found = new Map<string, string>();
  for (const file of readdirSync(folder)) {
    for (const [, id, text] of readFileSync(join(folder, file), "utf8").matchAll(/^([a-z][a-z0-9-]*) = (.+)$/gm)) found.set(id, text);
  }
  return found;
}
