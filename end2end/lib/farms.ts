// A farm of one's own, so that every reader may change its hardware and nobody else's pages change.
import type { Page } from "@playwright/test";
import { expect } from "./test";

/** Makes one with a house by the wizard; ends on its Home, whose path it returns. */
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

/** Deletes it by its settings. */
export async function deleteFarm(page: Page, farm: string, say: (id: string) => string): Promise<void> {
  await page.goto(farm);
  const name = await page.locator(".top__farm span").innerText();
  await page.goto(`${farm}/settings/delete`);
  await page.locator("input[name=name]").fill(name);
  await page.getByRole("button", { name: say("settings-delete") }).click();
  await expect(page).toHaveURL(/\/farms$/);
}
