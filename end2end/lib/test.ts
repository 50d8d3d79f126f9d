// `test` as all specs use it: a page that is watched for errors, a reader who is signed in, the farm's Home.
import { test as base, expect, type BrowserContext, type Cookie, type Page } from "@playwright/test";
import { account } from "./installation";
import { Node } from "./node";
import { Switch } from "./switch";
import { openAsMember, openAsStranger, PAGES } from "./pages";
import { type Language, say } from "./words";

interface Options {
  language: Language;
  role: string;
}

interface Fixtures {
  /** What a test provokes and the browser writes into its console: statuses, requests without a network. */
  expected: { statuses: number[]; offline: boolean };
  /** Says a message in the project's language. */
  say: (id: string) => string;
  /** Signed in and on Home; the path of Home. */
  home: string;
  /** Opens one of `PAGES` as who it is for: a stranger who was never here, a member, or an owner. */
  open: (page: string) => Promise<void>;
  /** Puts a node with one thermometer, showing this value, onto the farm until the test ends; in the first
      house, or waiting for approval. */
  newNode: (value: number, isApproved?: boolean) => Promise<Node>;
  /** Puts a controller with one fan, or another switch, which is off, into the farm's first house until the test ends. */
  newSwitch: (kind?: string) => Promise<Switch>;
}

/** Who has signed in already, so that a project does it once. */
type Cookies = Map<string, { cookies: Cookie[]; home: string }>;

export const test = base.extend<Fixtures & Options, { cookies: Cookies }>({
  language: ["km", { option: true }],
  role: ["admin", { option: true }],
  expected: async ({}, use) => use({ statuses: [], offline: false }),
  say: async ({ language }, use) => use((id) => say(language, id)),
  cookies: [async ({}, use) => use(new Map()), { scope: "worker" }],

  // Nothing may go wrong in the console, the policy may refuse nothing, and nothing may come from elsewhere.
  page: async ({ page, baseURL, expected }, use) => {
    const faults: string[] = [];
    page.on("console", (message) => {
      const text = message.text();
      const provoked =
        expected.statuses.some((status) => text.includes(`status of ${status}`)) || (expected.offline && text.includes("net::ERR_INTERNET_DISCONNECTED"));
      if ((message.type() === "error" || message.type() === "warning") && !provoked) faults.push(`${message.type()}: ${text}`);
    });
    page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
    page.on("request", (request) => {
      if (!request.url().startsWith(`${baseURL}/`) && !request.url().startsWith("data:")) faults.push(`third party: ${request.url()}`);
    });
    await use(page);
    expect(faults, "the console is quiet and nothing comes from elsewhere").toEqual([]);
  },

  newNode: async ({ home }, use) => {
    const nodes: Node[] = [];
    await use(async (value, isApproved = true) => {
      const node = await Node.of(farmOf(home), value);
      nodes.push(node);
      if (isApproved) node.approve();
      return node;
    });
    for (const node of nodes) node.leave();
  },

  newSwitch: async ({ home }, use) => {
    const switches: Switch[] = [];
    await use(async (kind) => {
      const made = await Switch.of(farmOf(home), kind);
      switches.push(made);
      return made;
    });
    for (const made of switches) made.leave();
  },

  home: async ({ page, context, language, role, cookies }, use) => {
    await goHome({ page, context, language, role, cookies });
    await use(new URL(page.url()).pathname);
  },

  open: async ({ page, context, language, role, cookies }, use) => {
    await use(async (name) => {
      if (PAGES.strangers.includes(name)) return openAsStranger(page, name);
      const who = PAGES.owner.includes(name) ? "admin" : role;
      await goHome({ page, context, language, role: who, cookies });
      if (name !== "home") await openAsMember(page, name, new URL(page.url()).pathname, language);
    });
  },
});

/** Home, with the cookies of an earlier sign-in where there was one. */
async function goHome({ page, context, language, role, cookies }: Options & { page: Page; context: BrowserContext; cookies: Cookies }): Promise<void> {
  const known = cookies.get(`${role} ${language}`);
  if (known) {
    await context.addCookies(known.cookies);
    await page.goto(known.home);
  } else {
    await signIn(page, role);
    await speak(page, language);
    cookies.set(`${role} ${language}`, { cookies: await context.cookies(), home: new URL(page.url()).pathname });
  }
}

/** Signs in with the demo account of a role; ends on Home. */
export async function signIn(page: Page, role: string): Promise<void> {
  const { login, password } = account(role);
  await page.goto("/sign-in");
  await fillIn(page, login, password);
  await expect(page).toHaveURL(/\/farms\/[0-9a-f-]{36}$/);
}

/** Fills in the sign-in form and sends it. */
export async function fillIn(page: Page, login: string, password: string): Promise<void> {
  await page.locator("input[autocomplete=username]").fill(login);
  await page.locator("input[autocomplete=current-password]").fill(password);
  await page.locator("main form").getByRole("button", { name: /^(Sign in|ចូលគណនី)$/ }).click();
}

/** Switches the page to a language, as a reader does. */
export async function speak(page: Page, language: Language): Promise<void> {
  const html = page.locator("html");
  if ((await html.getAttribute("lang")) === language) return;
  await page.locator(`[hreflang="${language}"], [lang="${language}"]:is(a, button)`).first().click();
  await expect(html).toHaveAttribute("lang", language);
}

/** With scripts, waits until the islands have come to life; without, there is nothing to wait for. */
export async function settled(page: Page, javaScriptEnabled: boolean): Promise<void> {
  if (javaScriptEnabled) await expect(page.locator("html[data-ready]")).toBeAttached();
}

/** How many pixels of the page lie beside the screen. */
export function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth));
}

/** The farm's id in a path of its pages. */
function farmOf(path: string): string {
  return path.split("/")[2];
}

export { expect };
export { ALL_PAGES } from "./pages";
