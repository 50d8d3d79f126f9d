import type { Locator, Page } from "@playwright/test";
import { account } from "./lib/installation";
import { expect, test } from "./lib/test";

test("the keyboard alone opens the door", async ({ page, role, language }) => {
  const { login, password } = account(role);
  await page.goto("/sign-in");
  await expect(page.locator("html")).toHaveAttribute("lang", language);
  await tabTo(page, page.locator("input[autocomplete=username]"));
  await page.keyboard.type(login);
  await tabTo(page, page.locator("input[autocomplete=current-password]"));
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/farms\/[0-9a-f-]{36}$/);
});

test("the keyboard comes to the content first, and to all that can be done there", async ({ page, home, say }) => {
  await page.goto(home);
  await page.keyboard.press("Tab");
  await expect(page.locator("a.skip")).toBeFocused();
  await expect(page.locator("a.skip")).toBeInViewport();
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("link", { name: say("home-check-now") }), 1);
  const again = page.waitForEvent("load");
  await page.keyboard.press("Enter");
  await again;
  await expect(page).toHaveURL((url) => url.pathname === home);
});

/** Presses Tab until this has the focus, so many times at most. */
async function tabTo(page: Page, wanted: Locator, most = 10): Promise<void> {
  for (let times = 0; times < most; times++) {
    await page.keyboard.press("Tab");
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`Tab did not come to ${wanted}`);
}
