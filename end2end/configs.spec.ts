import type { Page } from "@playwright/test";
import { deleteFarm, fits, makeFarm } from "./lib/farm";
import { Node } from "./lib/node";
import { expect, settled, test } from "./lib/test";

test("what is set of a sensor reaches the device, which confirms or refuses it", async ({ page, home, say, javaScriptEnabled, expected }) => {
  test.slow();
  // what is out of bounds
  expected.statuses.push(422);
  const scripts = javaScriptEnabled ?? true;
  const farm = await makeFarm(page, say);
  const node = await Node.of(farm.split("/").at(-1) ?? "", 29.4);
  const configs = await node.listen("config");
  // what is in force already is told again whenever the controller comes back
  const newer = async (than: unknown): Promise<Record<string, unknown>> => {
    const config = await configs.next();
    return Number(config.version) > Number(than) ? config : newer(than);
  };
  try {
    node.approve();
    node.say("availability", "online", true);
    const first = await configs.next();
    node.say("config_ack", { version: first.version });

    await page.goto(`${farm}/devices`);
    await page.getByRole("link", { name: new RegExp(node.device) }).first().click();
    await page.getByRole("link", { name: say("configs-open"), exact: true }).click();
    await shows(page, say, scripts, "configs-in-force");
    await fits(page);

    await page.locator("input[name=polling]").fill("5000");
    await page.getByRole("button", { name: say("save") }).click();
    await expect(page.locator("#polling-error")).toBeVisible();
    await expect(page.locator("input[name=polling]")).toHaveValue("5000");
    await fits(page);
    await page.locator("input[name=polling]").fill("30");
    await page.getByRole("button", { name: say("save") }).click();
    await expect(page.getByRole("status").filter({ hasText: say("done-saved") })).toBeVisible();
    await settled(page, scripts);
    const config = await newer(first.version);
    expect(config.devices).toEqual({ [node.device]: { polling_interval: 30 } });
    // sent is not the same as on the device
    await shows(page, say, scripts, "configs-no-answer-yet");
    await expect(page.locator("main")).not.toContainText(say("configs-in-force"));
    node.say("config_ack", { version: config.version });
    await shows(page, say, scripts, "configs-in-force");

    await page.locator("input[name=polling]").fill("2");
    await page.getByRole("button", { name: say("save") }).click();
    const next = await newer(config.version);
    node.say("config_ack", { version: config.version, refused: next.version, error: "too often for <me>" });
    await shows(page, say, scripts, "configs-refused");
    await expect(page.locator("main")).toContainText("too often for <me>");
    await fits(page);
  } finally {
    configs.close();
    await page.goto(home);
    node.leave();
    await deleteFarm(page, farm, say);
    await page.goto(home);
  }
});

test("a sensor is corrected by what a better one says, and back", async ({ page, home, say, javaScriptEnabled }) => {
  test.slow();
  const scripts = javaScriptEnabled ?? true;
  const farm = await makeFarm(page, say);
  const node = await Node.of(farm.split("/").at(-1) ?? "", 29.4);
  try {
    node.approve();
    await page.goto(`${farm}/devices`);
    await page.getByRole("link", { name: new RegExp(node.device) }).first().click();
    const device = page.url();
    await page.getByRole("link", { name: say("configs-open"), exact: true }).click();
    await page.getByRole("link", { name: new RegExp(say("sensor-temperature")) }).click();
    await expect(page.locator("input[name=raw_1]")).toHaveValue("29.4");
    await fits(page);
    await page.locator("input[name=truth_1]").fill("28.9");
    await page.getByRole("button", { name: say("calibration-preview") }).click();
    await expect(page.locator("[data-preview]")).toBeVisible();
    await fits(page);
    await page.getByRole("button", { name: say("calibration-save") }).click();
    await expect(page.getByRole("status").filter({ hasText: say("done-calibrated") })).toBeVisible();

    // from now on
    const value = page.locator(node.temperature);
    await becomes(page, value, device, () => node.publish(29.4), "28.9");
    await page.goto(`${device}/calibration/temperature`);
    await expect(page.locator("input[name=raw_1]")).toHaveValue("29.4");
    await page.getByRole("button", { name: say("calibration-undo") }).click();
    await expect(page.getByRole("status").filter({ hasText: say("done-calibration-undone") })).toBeVisible();
    await becomes(page, value, device, () => node.publish(29.5), "29.5");
    await settled(page, scripts);
  } finally {
    await page.goto(home);
    node.leave();
    await deleteFarm(page, farm, say);
    await page.goto(home);
  }
});

/** Ingest hears of a correction a moment after it was saved. */
async function becomes(page: Page, value: ReturnType<Page["locator"]>, address: string, publish: () => void, wanted: string): Promise<void> {
  await expect(async () => {
    publish();
    await page.goto(address);
    await expect(value).toHaveAttribute("value", wanted, { timeout: 700 });
  }).toPass({ timeout: 10_000 });
}

/** Open pages come to it by themselves; without scripts a reader looks again. */
async function shows(page: Page, say: (id: string) => string, scripts: boolean, id: string): Promise<void> {
  const text = page.locator("main", { hasText: say(id) });
  if (scripts) return expect(text).toBeVisible();
  await expect(async () => {
    await page.getByRole("link", { name: say("home-check-now") }).click();
    await expect(text).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 8000 });
}
