import type { Page } from "@playwright/test";
import { launchOptions } from "./playwright.config";
import { ALL_PAGES, expect, sidewaysScroll, test } from "./lib/test";

// A reader who has set the browser's text to twice its size.
test.use({ launchOptions: { ...launchOptions, args: [...launchOptions.args, "--blink-settings=defaultFontSize=32"] } });

for (const name of ALL_PAGES) {
  test(`${name} fits a phone with text of twice the size`, async ({ page, open }) => {
    await open(name);
    expect(await page.evaluate(() => getComputedStyle(document.body).fontSize)).toBe("36px");
    await fits(page);
  });
}

test("home fits a phone with text of twice the size whatever it has to say", async ({ page, home, say }) => {
  await page.goto(home);
  const states = ["value-old", "value-too-humid", "value-suspect", "value-enough", "controller-offline", "device-unknown"].map(say);
  await page.evaluate((states) => {
    const longest = states.reduce((a, b) => (a.length > b.length ? a : b));
    const put = (selector: string, text: string) => document.querySelectorAll(selector).forEach((element) => (element.textContent = text));
    put(".state > span, .plate > span", longest);
    put("main data.reading", "12,345.6");
    put(".value__number small", "\u00a0m³/h");
    put("main time", "23\u00a0November 11:59\u00a0pm");
    put(".row b, .device h3, .value__name span", "ម៉ូទ័រទម្លាក់ចំណី Controller-with-a-long-name-1");
  }, states);
  await fits(page);
});

async function fits(page: Page): Promise<void> {
  for (const width of [360, 320]) {
    await page.setViewportSize({ width, height: 740 });
    expect(await beside(page), `${width} px wide`).toEqual([]);
    expect(await sidewaysScroll(page), `${width} px wide`).toBe(0);
  }
}

/** The texts that reach beyond the screen, to say where to look. */
function beside(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found: string[] = [];
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(text);
      const isShown = text.parentElement?.checkVisibility() && !text.parentElement.closest(".vh, .skip");
      const over = range.getBoundingClientRect().right - document.documentElement.clientWidth;
      if (isShown && over > 0.5) found.push(`${over.toFixed(0)} px: ${text.parentElement?.outerHTML.slice(0, 100)}`);
    }
    return found;
  });
}
