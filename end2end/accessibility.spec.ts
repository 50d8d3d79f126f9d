import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, settled, test } from "./lib/test";

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing at the door, ${colorScheme} @scripts`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.goto("/sign-in");
    expect(await violations(page)).toEqual([]);
  });

  test(`axe finds nothing on Home, ${colorScheme} @scripts`, async ({ page, home }) => {
    await page.emulateMedia({ colorScheme });
    await page.goto(home);
    await settled(page, true);
    expect(await violations(page)).toEqual([]);
  });
}

test("the keyboard alone opens the door @scripts", async ({ page }) => {
  await page.goto("/sign-in");
  await page.keyboard.press("Tab");
  await expect(page.locator("a.skip")).toBeFocused();
  await expect(page.locator("a.skip")).toBeInViewport();
});

async function violations(page: Page): Promise<string[]> {
  const result = await new AxeBuilder({ page }).options({ rules: { "color-contrast-enhanced": { enabled: true } } }).analyze();
  return result.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html} ${node.failureSummary}`));
}
