// The pages that people come to, by name, and how a test gets to each.
import { expect, type Page } from "@playwright/test";
import { hardwarePath } from "./hardware";
import { account, sql, tokkatot } from "./installation";
import { type Language, say } from "./words";

/** For strangers, of one's own, of the farm for each of its members, and for its owner alone. What stands in
    braces is the first of its kind. */
export const PAGES = {
  strangers: ["/sign-in", "/sign-in/code", "/sign-up", "/join", "/join/{code}", "/reset", "/reset/{code}"],
  own: [
    "/farms",
    "/welcome",
    "/welcome, step 2",
    "/welcome, step 3",
    "/welcome, step 4",
    "/account",
    "/account/password",
    "/account/second-factor",
    "/account/sessions",
    "/account/sessions/{session}",
    "/account/deactivate",
    "/account/delete",
  ],
  farm: ["home", "control", "control/{switch}", "members", "houses", "devices", "devices?list=retired", "devices/{device}", "devices/{switch}", "devices/{device}/commands", "nodes/{node}", "stop", "events", "settings", "settings/leave"],
  owner: [
    "members/{member}",
    "members/{member}/remove",
    "houses/new",
    "houses/{house}",
    "houses/{house}/remove",
    "claim",
    "stop/press",
    "devices/{device}/edit",
    "devices/{device}/replace",
    "devices/{device}/settings",
    "devices/{device}/calibration/temperature",
    "nodes/{node}/rotate",
    "nodes/{node}/replace",
    "nodes/{node}/give",
    "settings/pause",
    "settings/delete",
  ],
};
export const ALL_PAGES = Object.values(PAGES).flat();

/** Somebody with a second step at sign-in, whose password is the demo owner's. */
const CAREFUL = "two-steps";
/** An invitation that nobody uses. */
const INVITATION = "K7RM4PXD";

/** Opens a stranger's page. */
export async function openAsStranger(page: Page, name: string): Promise<void> {
  if (name === "/sign-in/code") return openSecondStep(page);
  if (name === "/join/{code}") invite();
  await page.goto(name.replace("/join/{code}", `/join/${INVITATION}`).replace("/reset/{code}", resetAddress));
}

/** Opens a page of who is signed in; `home` is their farm's. */
export async function openAsMember(page: Page, name: string, home: string, language: Language): Promise<void> {
  const farm = home.split("/").at(-1) ?? "";
  const path = name.startsWith("/") ? name : `${home}/${hardwarePath(name, farm)}`;
  const step = Number(/, step (\d)$/.exec(name)?.[1] ?? 0);
  if (step) return goThrough(page, step, language);
  const [list, end] = path.split(/\/\{\w+\}/);
  await page.goto(list);
  if (end === undefined) return;
  // one's own page offers less
  const link = page.locator(`main a[href^="${list}/"]:not([href$="/new"]):not(:has(.newtag))`).first();
  await page.goto(`${await link.getAttribute("href")}${end}`);
}

/** Goes on to a step of the wizard. */
async function goThrough(page: Page, step: number, language: Language): Promise<void> {
  await page.goto("/welcome");
  await page.locator("input[name=name]").fill("កសិដ្ឋានសាកល្បង");
  for (let done = 1; done < step; done++) {
    if (done === 3) await page.locator("input[name=birds]").fill("500");
    if (done === 3) await page.locator("input[name=age]").fill("3");
    await page.getByRole("button", { name: say(language, "next") }).click();
  }
  await expect(page.locator("input[name=step]")).toHaveValue(["farm", "houses", "birds", "look"][step - 1]);
}

async function openSecondStep(page: Page): Promise<void> {
  makeCareful();
  await page.goto("/sign-in");
  await page.locator("input[autocomplete=username]").fill(CAREFUL);
  await page.locator("input[autocomplete=current-password]").fill(account("admin").password);
  await page.locator("input[autocomplete=current-password]").press("Enter");
  await expect(page).toHaveURL(/\/sign-in\/code$/);
}

function makeCareful(): void {
  sql(`INSERT INTO users (username, name, password_hash, mfa_enabled, totp_secret)
    SELECT '${CAREFUL}', 'Keo Sophea', password_hash, true, decode(repeat('5a', 20), 'hex')
    FROM users WHERE '${account("admin").login}' IN (username, email, phone)
    ON CONFLICT DO NOTHING`);
}

/** The address of a code by which a password is set. */
function resetAddress(): string {
  makeCareful();
  return new URL(JSON.parse(tokkatot("user", "reset", CAREFUL)).address).pathname;
}

function invite(): void {
  sql(`INSERT INTO invitations (farm_id, code, role, created_by, expires_at)
    SELECT farm_id, '${INVITATION}', 'keeper', user_id, now() + interval '7 days'
    FROM farm_users WHERE role = 'admin' ORDER BY created_at LIMIT 1
    ON CONFLICT DO NOTHING`);
}
