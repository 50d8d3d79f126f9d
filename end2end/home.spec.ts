import { expect, settled, test } from "./lib/test";

test("Home answers in one sentence, then shows values with unit and age", async ({ page, home }) => {
  await expect(page).toHaveURL(home);
  await expect(page.locator("h1")).not.toBeEmpty();
  const values = page.locator("main data.reading");
  expect(await values.count()).toBeGreaterThan(2);
  const first = values.first();
  expect(Number(await first.getAttribute("value"))).not.toBeNaN();
  const tile = page.locator("article.value", { has: page.locator("data.reading") }).first();
  await expect(tile).toContainText(/°C|%|L|kg/);
  await expect(tile.locator("time[datetime]").first()).toBeAttached();
});

test("a device says its state in words", async ({ page, home, say }) => {
  await expect(page).toHaveURL(home);
  const devices = page.locator("main [data-device][data-state]");
  expect(await devices.count()).toBeGreaterThan(0);
  const state = await devices.first().getAttribute("data-state");
  expect(["on", "off", "unknown"]).toContain(state);
  await expect(devices.first()).toContainText(say(`device-${state}`));
});

test("an old value says so, and one that is older still becomes words", async ({ page, home, newNode, say }) => {
  const old = await newNode(24);
  const tile = page.locator("article.value").filter({ has: page.locator(old.temperature) });
  await page.goto(home);
  await expect(tile).not.toContainText(say("value-old"));

  const silent = await newNode(21);
  old.rewind(5 * 60);
  silent.rewind(60 * 60);
  await page.goto(home);
  await expect(tile).toContainText(say("value-old"));
  await expect(page.locator(silent.temperature)).toHaveCount(0);
  await expect(page.locator("main")).toContainText(say("value-none"));
});

test("a value that comes in shows at once on a plain page after a refresh @plain", async ({ page, home, newNode, say }) => {
  const node = await newNode(26.1);
  await page.goto(home);
  await expect(page.locator(node.temperature)).toHaveAttribute("value", "26.1");
  node.publish(28.5);
  await expect(async () => {
    await page.getByRole("link", { name: say("home-check-now") }).click();
    await expect(page.locator(node.temperature)).toHaveAttribute("value", "28.5", { timeout: 300 });
  }).toPass({ timeout: 5000 });
});

test("a farm that is not ours is as if it were not there", async ({ page, home, javaScriptEnabled, expected, say }) => {
  await settled(page, javaScriptEnabled ?? true);
  expected.statuses.push(404);
  const answer = await page.goto(`/farms/00000000-0000-4000-8000-000000000000`);
  expect(answer?.status()).toBe(404);
  await expect(page.getByText(say("error-not-found"))).toBeVisible();
  await expect(page).not.toHaveURL(home);
});
