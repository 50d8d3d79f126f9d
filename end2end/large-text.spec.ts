import { launchOptions } from "./playwright.config";
import { expect, sidewaysScroll, test } from "./lib/test";

// A reader who has set the browser's text to twice its size.
test.use({ launchOptions: { ...launchOptions, args: [...launchOptions.args, "--blink-settings=defaultFontSize=32"] } });

for (const name of ["/sign-in", "home"]) {
  test(`${name} fits a phone with text of twice the size`, async ({ page, home, context }) => {
    if (name !== "home") await context.clearCookies();
    await page.goto(name === "home" ? home : name);
    expect(await page.evaluate(() => getComputedStyle(document.body).fontSize)).toBe("36px");
    for (const width of [360, 320]) {
      await page.setViewportSize({ width, height: 740 });
      expect(await sidewaysScroll(page), `${width} px wide`).toBe(0);
    }
  });
}
