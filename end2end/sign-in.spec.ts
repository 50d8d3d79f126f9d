import type { BrowserContext } from "@playwright/test";
import { account } from "./lib/installation";
import { expect, fillIn, settled, signIn, speak, test } from "./lib/test";

test("the door opens with a demo account and leads to Home", async ({ page, role, language }) => {
  await signIn(page, role);
  await speak(page, language);
  await expect(page.locator("h1")).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", language);
});

test("who is not signed in is led to the door", async ({ page, say }) => {
  await page.goto("/");
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(say("sign-in-title"));
});

test("the door speaks the browser's language, and another on request", async ({ page, language }) => {
  await page.goto("/sign-in");
  await expect(page.locator("html")).toHaveAttribute("lang", language);
  const other = language === "km" ? "en" : "km";
  await speak(page, other);
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", other);
});

test("a wrong password is told, and what was typed stays", async ({ page, role, say, expected }) => {
  expected.statuses.push(422);
  await page.goto("/sign-in");
  const { login } = account(role);
  await fillIn(page, login, "not the password");
  await expect(page.getByText(say("sign-in-wrong"))).toBeVisible();
  await expect(page.locator("input[autocomplete=username]")).toHaveValue(login);
  await expect(page.locator("input[autocomplete=current-password]")).toHaveValue("");
});

test("signing out shuts the door behind", async ({ page, role, say }) => {
  await signIn(page, role);
  const farm = page.url();
  const menu = page.locator("details.who > summary");
  if (await menu.isVisible()) await menu.click();
  await page.getByRole("button", { name: /^(Sign out|ចាកចេញ)$/ }).click();
  await page.goto(farm);
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(say("sign-in-title"));
});

test("who goes back after signing out stands before the door @scripts", async ({ page, role, expected }) => {
  // a page from the browser's memory may follow its stream once more before it leaves
  expected.statuses.push(401);
  await signIn(page, role);
  const farm = new URL(page.url()).pathname;
  await page.goto("/account");
  await page.locator("details.who > summary").click();
  await page.getByRole("button", { name: /^(Sign out|ចាកចេញ)$/ }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  // the account's page, and after that the farm's: each may come from the browser's cache
  for (const path of ["/account", farm]) {
    await page.goBack({ waitUntil: "commit" });
    await expect(page, path).toHaveURL(/\/sign-in/);
    await expect(page.locator("input[autocomplete=username]")).toBeVisible();
  }
});

// Both ways back to a page that was open while another tab signed out. The browser's memory does not work under
// Playwright, so that what it tells the page is made up.
const BACK = {
  "out of the browser's memory": () => void setTimeout(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))),
  "to its tab": () => void setTimeout(() => document.dispatchEvent(new Event("visibilitychange"))),
};

/** Signs out in another tab of the same browser. */
async function signOutElsewhere(context: BrowserContext): Promise<void> {
  const other = await context.newPage();
  await other.goto("/account");
  await other.locator("details.who > summary").click();
  await other.getByRole("button", { name: /^(Sign out|ចាកចេញ)$/ }).click();
  await expect(other).toHaveURL(/\/sign-in/);
  await other.close();
}

for (const [way, back] of Object.entries(BACK)) {
  test(`who comes back ${way} after another tab has signed out stands before the door @scripts`, async ({ page, role, context }) => {
    await signIn(page, role);
    // no stream leads away from this page
    await page.goto("/account");
    await settled(page, true);
    await page.evaluate(() => void (document.body.dataset.kept = ""));
    await page.evaluate(back);
    // while nobody has left, it stays as it is: a turn of the event loop later
    await page.evaluate(() => new Promise((done) => setTimeout(done)));
    await expect(page.locator("body[data-kept]")).toBeAttached();

    await signOutElsewhere(context);

    await expect(page.locator("body[data-kept]")).toBeAttached();
    await page.evaluate(back);
    await expect(page).toHaveURL(/\/sign-in/);
    await expect(page.locator("input[autocomplete=username]")).toBeVisible();
  });
}

test("a farm's page whose stream lay still while another tab signed out leads to the door @scripts", async ({ page, role, context, expected }) => {
  // it follows its stream once more before it leaves
  expected.statuses.push(401);
  await signIn(page, role);
  await settled(page, true);
  await page.evaluate(() => void dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  await signOutElsewhere(context);
  await page.evaluate(BACK["out of the browser's memory"]);
  await expect(page).toHaveURL(/\/sign-in/);
});
