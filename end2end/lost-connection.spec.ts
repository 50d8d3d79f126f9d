import type { Page } from "@playwright/test";
import { expect, settled, test } from "./lib/test";

const MINUTE = 60_000;

test.beforeEach(async ({ page, expected }) => {
  expected.offline = true;
  await page.clock.install();
});

test("a lost connection is told, and what was shown turns grey and then into words @scripts", async ({ page, home, newNode, context, say }) => {
  await page.goto(home);
  await settled(page, true);
  // a new value brings the whole content again, and must not take the words for a lost connection with it
  const node = await newNode(27.1);
  const value = page.locator(node.temperature);
  const tile = page.locator("article.value", { has: value });
  await expect(tile).toContainText("27.1");
  const banner = page.locator("#live");
  await expect(banner).toBeHidden();

  await context.setOffline(true);
  // what is open already stays open in this browser: it is given up when nothing was heard for 40 s
  await page.clock.fastForward(45_000);
  await expect(banner).toContainText(say("live-lost"));
  await expect(tile).not.toHaveClass(/value--lost/);

  await page.clock.fastForward(3 * MINUTE);
  await expect(tile).toHaveClass(/value--lost/);
  await expect(tile).toContainText(say("value-old"));
  await expect(page.locator("main small.is-lost").first()).toBeVisible();
  await expect(page.locator("h1")).toHaveText(say("home-unknown"));
  await expect(page.locator("#say")).toContainText(before(say("home-no-data-since")));
  await expect(page.locator("#say time")).toContainText(/\d:\d\d/);
  await expect(page.locator("#values")).toHaveText(say("home-values-last"));

  await page.clock.fastForward(20 * MINUTE);
  const words = page.locator("article.value", { hasText: say("value-none") });
  await expect(words.first()).toBeVisible();
  await expect(page.locator("main data.reading")).toHaveCount(0);

  await context.setOffline(false);
  await expect(banner).toBeHidden({ timeout: 10_000 });
  await expect(value).toHaveAttribute("value", "27.1");
  await expect(tile).not.toHaveClass(/value--lost/);
  await expect(page.locator("#values")).toHaveText(say("home-values"));
});

test("a page that comes back into sight shows nothing old as fresh, and is live again @scripts", async ({ page, home, newNode, context, say }) => {
  const node = await newNode(24.4);
  await page.goto(home);
  await settled(page, true);
  const value = page.locator(node.temperature);
  const tile = page.locator("article.value", { has: value });
  await expect(tile).not.toHaveClass(/value--lost/);

  await show(page, false);
  await context.setOffline(true);
  // as when the phone sleeps: time passes, and nothing ticks
  const asleep = await page.evaluate(() => Date.now() + 1_000);
  await page.clock.pauseAt(asleep);
  await page.clock.setSystemTime(asleep + 5 * MINUTE);
  expect(await tile.getAttribute("class")).not.toContain("value--lost");
  await show(page, true);
  expect(await tile.getAttribute("class"), "not a second later").toContain("value--lost");
  await expect(tile).toContainText(say("value-old"));
  await expect(page.locator("main")).toHaveClass(/still/);

  await page.clock.resume();
  await context.setOffline(false);
  await expect(tile).not.toHaveClass(/value--lost/, { timeout: 10_000 });
  await expect(page.locator("main")).not.toHaveClass(/still/);
  node.publish(25.2);
  await expect(value).toHaveAttribute("value", "25.2");
  await expect(page.locator("#live")).toBeHidden();
});

/** What stands before the value in a message. */
function before(message: string): string {
  return message.split("{")[0].trim();
}

/** Puts the page out of sight, or back into it, as far as the page can tell. */
async function show(page: Page, isShown: boolean): Promise<void> {
  await page.evaluate((isShown) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => !isShown });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isShown);
}
