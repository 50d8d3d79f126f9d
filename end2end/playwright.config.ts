import { defineConfig, devices } from "@playwright/test";
import { address, folder } from "./lib/installation";

// Debian's Chromium. Its own downloads and its look for updates would only fail where there is no network.
const launchOptions = {
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
};

// The phone that most farmers have. Every project signs in with an account of its own, so that none changes
// another's language.
// Pages that fade into each other complain in the console when a test is faster than they are.
const phone = { ...devices["Galaxy S9+"], viewport: { width: 360, height: 740 }, contextOptions: { reducedMotion: "reduce" } } as const;
const khmer = { language: "km", locale: "km-KH" } as const;
const english = { language: "en", locale: "en-US" } as const;
const scripted = { javaScriptEnabled: true, grepInvert: /@plain/ };
const plain = { javaScriptEnabled: false, grepInvert: /@scripts/ };

function project(name: string, role: string, language: typeof khmer | typeof english, scripts: typeof scripted | typeof plain) {
  const { grepInvert, ...use } = scripts;
  return { name, grepInvert, testIgnore: /without-redis/, use: { ...phone, ...language, ...use, role } };
}

const usual = [
  project("km", "admin", khmer, scripted),
  project("en", "manager", english, scripted),
  project("km without scripts", "keeper", khmer, plain),
  project("en without scripts", "viewer", english, plain),
];

export default defineConfig<{ language: "km" | "en"; role: string }>({
  testDir: ".",
  outputDir: `${folder}/log/browser`,
  // One server and two cores: a second worker would only make the first one's second late.
  workers: 1,
  retries: 0,
  timeout: 30_000,
  forbidOnly: true,
  reporter: [["list"], ["json"]],
  use: { baseURL: address, launchOptions, trace: "retain-on-failure" },
  projects: [
    ...usual,
    // Last, because it takes Redis away: one worker takes the projects as they stand here. Not dependent on them,
    // since it would be skipped whenever one of their tests fails.
    {
      name: "km, without Redis",
      testMatch: /without-redis/,
      use: { ...phone, ...khmer, role: "admin" },
    },
  ],
});
