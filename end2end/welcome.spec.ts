import { expect, sidewaysScroll, test } from "./lib/test";

test("a farm is made in four steps, by buttons alone", async ({ page, home, say }) => {
  const name = `Wizard ${Date.now()}`;
  await page.goto("/welcome");
  await page.locator("input[name=name]").fill(name);
  await next();
  await page.locator("button[value=more-houses]").click();
  await expect(page.locator("input[name=houses]")).toHaveValue("2");
  await page.locator("input[name=house-2]").fill("North");
  // Enter is the same as the big button, and no − or +
  await page.locator("input[name=house-2]").press("Enter");
  await page.locator("button[value=more-birds]").click();
  await page.locator("button[value=older]").click();
  await expect(page.locator("input[name=birds]")).toHaveValue("50");
  await page.setViewportSize({ width: 320, height: 740 });
  expect(await sidewaysScroll(page)).toBe(0);
  await next();
  await expect(page.locator("main")).toContainText(name);
  await page.getByRole("button", { name: say("welcome-make") }).click();
  await expect(page).toHaveURL((url) => /^\/farms\/[0-9a-f-]{36}$/.test(url.pathname) && url.pathname !== home);
  await expect(page.getByRole("status").filter({ hasText: say("done-farm-made") })).toBeVisible();
  await expect(page.locator("main")).toContainText("North");

  await page.goto(`${new URL(page.url()).pathname}/settings/delete`);
  await page.locator("input[name=name]").fill(name.toUpperCase());
  await page.getByRole("button", { name: say("settings-delete") }).click();
  await expect(page).toHaveURL(/\/farms$/);
  await page.goto(home);

  async function next(): Promise<void> {
    await page.getByRole("button", { name: say("next") }).click();
  }
});
