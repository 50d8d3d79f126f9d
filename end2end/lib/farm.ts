// Farms that a test makes for itself, and what all pages on them must do.
import type { Page } from "@playwright/test";
import { Node } from "./node";
import { expect, sidewaysScroll } from "./test";

/** A farm of one's own, so that every reader may change its hardware. */
export async function makeFarm(page: Page, say: (id: string) => string): Promise<string> {
  await page.goto("/welcome");
  await page.locator("input[name=name]").fill(`Boxes ${Date.now()}`);
  for (let step = 0; step < 2; step++) await page.getByRole("button", { name: say("next") }).click();
  await page.locator("input[name=birds]").fill("500");
  await page.locator("input[name=age]").fill("3");
  await page.getByRole("button", { name: say("next") }).click();
  await page.getByRole("button", { name: say("welcome-make") }).click();
  await expect(page).toHaveURL(/\/farms\/[0-9a-f-]{36}$/);
  return new URL(page.url()).pathname;
}

/** Does something on a farm of one's own, and takes farm and controllers away after it. `add` puts a controller with one
    thermometer onto it that shows a value, in its first house or waiting to be accepted. */
export async function withFarm(
  page: Page,
  { say, home, nodes = [] }: { say: (id: string) => string; home: string; nodes?: Node[] },
  what: (farm: string, add: (value: number, isApproved?: boolean) => Promise<Node>) => Promise<void>,
): Promise<void> {
  const farm = await makeFarm(page, say);
  try {
    await what(farm, async (value, isApproved = true) => {
      const node = await Node.of(farm.split("/").at(-1)!, value);
      nodes.push(node);
      if (isApproved) node.approve();
      return node;
    });
  } finally {
    // away from the pages of what leaves: they would go elsewhere by themselves
    await page.goto(home);
    for (const node of nodes) node.leave();
    await deleteFarm(page, farm, say);
    await page.goto(home);
  }
}

export async function deleteFarm(page: Page, farm: string, say: (id: string) => string): Promise<void> {
  await page.goto(farm);
  const name = await page.locator(".top__farm span").innerText();
  await page.goto(`${farm}/settings/delete`);
  await page.locator("input[name=name]").fill(name);
  await page.getByRole("button", { name: say("settings-delete") }).click();
  await expect(page).toHaveURL(/\/farms$/);
}

/** The page fits the narrowest phones. */
export async function fits(page: Page): Promise<void> {
  for (const width of [320, 360]) {
    await page.setViewportSize({ width, height: 740 });
    expect(await sidewaysScroll(page), `${width} px wide`).toBe(0);
  }
}
