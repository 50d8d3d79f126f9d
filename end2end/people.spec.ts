// One family's way through everything that people do: from no account at all to a keeper who is removed.
import type { Browser, Page } from "@playwright/test";
import { expect, settled, sidewaysScroll, test } from "./lib/test";
import type { Language } from "./lib/words";

const PASSWORD = "seven buffalo in the rice";

test("sign up by phone, make a farm, invite a keeper, and remove them", async ({ browser, page, say, language, javaScriptEnabled, expected }) => {
  test.slow();
  const farm = `Family ${Date.now()}`;
  await signUp(page, say, "Sok Dara");
  await expect(page).toHaveURL(/\/welcome$/);
  await page.locator("input[name=name]").fill(farm);
  for (let step = 0; step < 2; step++) await page.getByRole("button", { name: say("next") }).click();
  await page.locator("input[name=birds]").fill("៥០០");
  await page.locator("input[name=age]").fill("3");
  await page.getByRole("button", { name: say("next") }).click();
  await page.getByRole("button", { name: say("welcome-make") }).click();
  await expect(page).toHaveURL(/\/farms\/[0-9a-f-]{36}$/);
  const home = new URL(page.url()).pathname;
  await expect(page.getByRole("status").filter({ hasText: say("done-farm-made") })).toBeVisible();

  await page.goto(`${home}/members`);
  await page.locator("input[name=role][value=keeper]").check({ force: true });
  await page.getByRole("button", { name: say("invitation-make") }).click();
  const code = await page.locator(".ticket .code").innerText();

  // a second person, with a phone of their own, types what was read out
  const keeper = await another(browser, language, javaScriptEnabled ?? true);
  try {
    await keeper.goto("/join");
    await keeper.locator("input[name=code]").fill(code.toLowerCase());
    await keeper.locator("main form button:not([hidden])").first().click();
    await expect(keeper.locator("main")).toContainText(farm);
    await expect(keeper.locator("main")).toContainText(say("role-keeper"));
    await keeper.locator('main a[href^="/sign-up"]').click();
    await signUpForm(keeper, say, "Chan Vanna");
    await expect(keeper).toHaveURL(new RegExp(`${home}$`));
    await expect(keeper.getByRole("status").filter({ hasText: say("done-joined") })).toBeVisible();

    // a keeper sees who is here, and gets no further
    await keeper.goto(`${home}/members`);
    await expect(keeper.locator("main")).toContainText("Sok Dara");
    await expect(keeper.getByRole("button", { name: say("invitation-make") })).toHaveCount(0);
    const houses = await keeper.goto(`${home}/houses/new`);
    expect(houses?.status()).toBe(403);
    await keeper.goto(home);
    if (javaScriptEnabled) await settled(keeper, true);

    // the code has let one person in
    const again = await page.request.get(`/join/${code.replace(" ", "")}`);
    expect(again.status()).toBe(404);

    await page.goto(`${home}/members`);
    await page.getByRole("link", { name: /Chan Vanna/ }).click();
    await page.locator('a[href$="/remove"]').click();
    expect(await sidewaysScroll(page)).toBe(0);
    const remove = page.locator("main form .button--danger");
    if (javaScriptEnabled) {
      // the open page says so by itself, within a second of the tap
      const told = expect(keeper.locator("h1")).toHaveText(say("error-not-found"), { timeout: 1000 });
      await Promise.all([remove.click(), told]);
    } else await remove.click();
    await expect(page).toHaveURL(new RegExp(`${home}/members$`));
    const removed = await keeper.goto(home);
    expect(removed?.status()).toBe(404);
    await expect(page.locator("main")).not.toContainText("Chan Vanna");
  } finally {
    await keeper.context().close();
  }

  // the farm does not stay in the others' way
  expected.statuses.push(404);
  await page.goto(`${home}/settings/delete`);
  await page.locator("input[name=name]").fill(farm);
  await page.getByRole("button", { name: say("settings-delete") }).click();
  await expect(page).toHaveURL(/\/farms$/);
});

/** From the door to a new account. */
async function signUp(page: Page, say: (id: string) => string, name: string): Promise<void> {
  await page.goto("/sign-in");
  await page.locator('main a[href^="/sign-up"]').click();
  await signUpForm(page, say, name);
}

async function signUpForm(page: Page, say: (id: string) => string, name: string): Promise<void> {
  await page.locator("input[autocomplete=name]").fill(name);
  await page.locator("input[autocomplete=username]").fill(phone());
  await page.locator("input[autocomplete=new-password]").fill(PASSWORD);
  await page.getByRole("button", { name: say("sign-up-submit") }).click();
}

/** A number that nobody has, as people write them: 012 345 678. */
function phone(): string {
  const digits = String(Math.floor(Math.random() * 1_000_000)).padStart(6, "0");
  return `012 ${digits.slice(0, 3)} ${digits.slice(3)}`;
}

/** A browser of somebody else's. */
async function another(browser: Browser, language: Language, javaScriptEnabled: boolean): Promise<Page> {
  const locale = language === "km" ? "km-KH" : "en-US";
  const context = await browser.newContext({ locale, javaScriptEnabled, viewport: { width: 360, height: 740 }, reducedMotion: "reduce" });
  return context.newPage();
}
