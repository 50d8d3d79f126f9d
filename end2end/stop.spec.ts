import type { Page } from "@playwright/test";
import { deleteFarm, makeFarm } from "./lib/farm";
import { sql } from "./lib/installation";
import { Switch } from "./lib/switch";
import { expect, settled, sidewaysScroll, test } from "./lib/test";

test("two taps stop everything, the device answers, and only a manager's release lets the farm go on", async ({ page, home, say, javaScriptEnabled }) => {
  test.slow();
  const scripts = javaScriptEnabled ?? true;
  const farm = await makeFarm(page, say);
  const pump = await Switch.of(farm.split("/")[2]);
  // fans go on
  sql(`UPDATE devices SET kind = 'pump' WHERE channel = '${pump.device}'`);
  try {
    // another page of the farm is open all the time
    const other = await page.context().newPage();
    await other.goto(`${farm}/devices`);
    await settled(other, scripts);

    await page.goto(farm);
    await page.locator("details.who > summary").click();
    await page.getByRole("navigation").getByRole("link", { name: say("stop-title") }).click();
    await expect(page.locator("main")).toContainText(say("stop-none"));
    await fits(page);
    await page.getByRole("link", { name: say("stop-press-farm") }).click();
    await expect(page.locator("main")).toContainText(say("kind-pump"));
    await fits(page);
    await page.getByRole("button", { name: say("stop-press") }).click();
    await expect(page).toHaveURL(/\/stop$/);
    await expect(page.getByRole("status").filter({ hasText: say("done-stop-pressed") })).toBeVisible();
    await expect(page.locator("main")).toContainText(say("stop-stands-farm"));
    await expect(page.locator("main")).toContainText(one(say("stop-unanswered")));
    await settled(page, scripts);
    await fits(page);

    const command = await pump.told();
    expect(command).toMatchObject({ device: pump.device, action: "off" });
    pump.answer(command, "completed", { state: "off" });
    await untilShown(page, say, one(say("stop-answered")), scripts);

    // the stop is told on every page, and on those that were open before
    const banner = page.locator("#stops a");
    const others = other.locator("#stops a");
    if (!scripts) await other.reload();
    await expect(others).toContainText(say("stop-banner-release"));
    await page.goto(farm);
    await expect(banner).toBeVisible();
    await fits(page);
    await banner.click();
    await page.locator("li", { hasText: say("stop-release-help") }).getByRole("link").click();
    await expect(page.locator("main")).toContainText(say("stop-release-automation"));
    await fits(page);
    await page.getByRole("button", { name: say("stop-release") }).click();
    await expect(page.getByRole("status").filter({ hasText: say("done-stop-released") })).toBeVisible();
    await expect(page.locator("main")).toContainText(say("stop-none"));
    if (!scripts) await other.reload();
    await expect(others).toHaveCount(0);
    await other.close();

    // what it was told stands on its page
    await page.goto(`${farm}/devices`);
    await page.locator(`main a[href*="/devices/"]`, { hasText: pump.device }).click();
    await expect(page.locator("main")).toContainText(say("device-commands"));
    await expect(page.locator("li", { hasText: say("command-off") }).first()).toContainText(say("command-completed"));
    await fits(page);
  } finally {
    // a page that is open would follow it to where it is not any more
    await page.goto(home);
    pump.leave();
    await deleteFarm(page, farm, say);
    await page.goto(home);
  }
});

/** A message about one. */
function one(message: string): string {
  return message.replace("{ $n }", "1");
}

/** Without scripts a reader looks again until it is there. */
async function untilShown(page: Page, say: (id: string) => string, text: string, scripts: boolean): Promise<void> {
  await expect(async () => {
    if (!scripts) await page.getByRole("link", { name: say("home-check-now") }).click();
    await expect(page.locator("main")).toContainText(text, { timeout: scripts ? 5000 : 500 });
  }).toPass({ timeout: 10_000 });
}

async function fits(page: Page): Promise<void> {
  for (const width of [320, 360]) {
    await page.setViewportSize({ width, height: 740 });
    expect(await sidewaysScroll(page), `${width} px wide`).toBe(0);
  }
}
