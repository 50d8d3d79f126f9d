import type { Page } from "@playwright/test";
import { deleteFarm, makeFarm } from "./lib/farms";
import { Node } from "./lib/node";
import { expect, settled, sidewaysScroll, test } from "./lib/test";

/** From the box to a live value. */
const TWO_MINUTES = 120_000;

test("a controller is claimed by the code on its box, its device named, and its value is there", async ({ page, home, say, javaScriptEnabled, expected }) => {
  test.slow();
  // a wrong code
  expected.statuses.push(422);
  const node = Node.unclaimed();
  const scripts = javaScriptEnabled ?? true;
  const farm = await makeFarm(page, say);
  try {
    const begun = Date.now();
    // from Home by the menu
    await page.locator("details.who > summary").click();
    await page.getByRole("navigation").getByRole("link", { name: say("devices-title"), exact: true }).click();
    await page.getByRole("link", { name: say("claim-title") }).first().click();
    await fits(page);
    await page.locator("input[name=code]").fill("zzzz 9999");
    await page.getByRole("button", { name: say("claim-submit") }).click();
    await expect(page.locator("#code-error")).toHaveText(say("claim-unknown"));
    await page.locator("input[name=code]").fill(`${node.code.slice(0, 4)} ${node.code.slice(4)}`.toLowerCase());
    await page.getByRole("button", { name: say("claim-submit") }).click();
    await expect(page).toHaveURL(/\/nodes\/[0-9a-f-]{36}$/);
    await expect(page.getByRole("status").filter({ hasText: say("done-node-claimed") })).toBeVisible();
    await expect(page.locator("main")).toContainText(say("node-waiting"));
    await settled(page, scripts);
    await fits(page);

    await node.speak(27.4);
    const value = page.locator(node.temperature);
    if (!scripts) await page.getByRole("link", { name: say("home-check-now") }).click();
    await expect(value).toHaveAttribute("value", "27.4");
    await fits(page);
    await page.locator("li", { has: value }).getByRole("link").click();
    await expect(page).toHaveURL(/\/edit$/);
    await expect(page.locator("input[name=kind][value=climate]")).toBeChecked();
    await page.locator("input[name=name]").fill("ទែម៉ូម៉ែត្រ ក្បែរទ្វារ");
    await fits(page);
    await page.getByRole("button", { name: say("device-accept") }).click();
    await expect(page).toHaveURL(/\/nodes\/[0-9a-f-]{36}$/);
    await expect(page.locator("main")).toContainText("ទែម៉ូម៉ែត្រ ក្បែរទ្វារ");

    await settled(page, scripts);
    node.publish(28.6);
    if (scripts) await expect(value).toHaveAttribute("value", "28.6", { timeout: 2000 });
    else await untilShown(page, say, "28.6", node);
    expect(Date.now() - begun).toBeLessThan(TWO_MINUTES);

    await page.getByRole("link", { name: /ទែម៉ូម៉ែត្រ/ }).click();
    await expect(page.locator("article.value", { has: value })).toBeVisible();
    await fits(page);
    await page.getByRole("button", { name: say("device-retire") }).click();
    await expect(page.getByRole("status").filter({ hasText: say("done-device-retired") })).toBeVisible();
    await page.getByRole("button", { name: say("device-restore") }).click();
    await expect(page.getByRole("status").filter({ hasText: say("done-device-restored") })).toBeVisible();
    await page.goto(farm);
    await expect(value).toHaveAttribute("value", "28.6");
  } finally {
    node.leave();
    await deleteFarm(page, farm, say);
    await page.goto(home);
  }
});

/** Without scripts a reader looks again until it is there. */
async function untilShown(page: Page, say: (id: string) => string, value: string, node: Node): Promise<void> {
  await expect(async () => {
    await page.getByRole("link", { name: say("home-check-now") }).click();
    await expect(page.locator(node.temperature)).toHaveAttribute("value", value, { timeout: 500 });
  }).toPass({ timeout: 5000 });
}

async function fits(page: Page): Promise<void> {
  for (const width of [320, 360]) {
    await page.setViewportSize({ width, height: 740 });
    expect(await sidewaysScroll(page), `${width} px wide`).toBe(0);
  }
}
