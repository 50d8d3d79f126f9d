import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { ALL_PAGES, expect, settled, sidewaysScroll, test } from "./lib/test";

// One visit for everything that is asked of every page; what is wrong is told of all of it, not of the first only.
for (const name of ALL_PAGES) {
  test(`${name} fits a phone, also with text of twice the size, can be read and touched, and axe finds nothing`, async ({ page, open, javaScriptEnabled }) => {
    await page.emulateMedia({ colorScheme: "light" });
    await open(name);
    for (const width of [320, 360]) {
      await page.setViewportSize({ width, height: 740 });
      expect.soft(await sidewaysScroll(page), `${width} px wide`).toBe(0);
    }
    expect.soft(await smallTexts(page), "text under 18 px").toEqual([]);
    expect.soft(await smallTargets(page), "targets under 48 × 48 px").toEqual([]);
    if (javaScriptEnabled) {
      await settled(page, true);
      expect.soft(await violations(page), "axe, light").toEqual([]);
      await page.emulateMedia({ colorScheme: "dark" });
      expect.soft(await violations(page, CONTRAST), "axe, dark").toEqual([]);
    }
    await enlargeText(page);
    await expectToFit(page);
  });
}

test("home fits a phone with text of twice the size whatever it has to say", async ({ page, home, say }) => {
  await page.goto(home);
  await enlargeText(page);
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
  await expectToFit(page);
});

/** Sets the browser's text to twice its size, as a reader does, on the page that is open. */
async function enlargeText(page: Page): Promise<void> {
  const browser = await page.context().newCDPSession(page);
  await browser.send("Page.setFontSizes", { fontSizes: { standard: 32, fixed: 26 } });
  // of what is written, and of what asks for the width in letters
  const measured = () =>
    page.evaluate(() => ({ body: getComputedStyle(document.body).fontSize, width: matchMedia(`(max-width: ${(innerWidth + 1) / 32}em)`).matches }));
  await expect.poll(measured).toEqual({ body: "36px", width: true });
}

/** Nothing lies beside the screen, also of a narrow phone. */
async function expectToFit(page: Page): Promise<void> {
  for (const width of [360, 320]) {
    await page.setViewportSize({ width, height: 740 });
    expect.soft(await beside(page), `twice the size, ${width} px wide`).toEqual([]);
    expect.soft(await sidewaysScroll(page), `twice the size, ${width} px wide`).toBe(0);
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

// All that a theme can change.
const CONTRAST = ["color-contrast", "color-contrast-enhanced"];

/** What axe finds: by all of its rules and the stricter contrast, or by these rules only. */
async function violations(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const result = await (rules ? axe.withRules(rules) : axe.options({ rules: { "color-contrast-enhanced": { enabled: true } } })).analyze();
  return result.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html} ${node.failureSummary}`));
}

function smallTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>("body *")) {
      const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
      const size = Number.parseFloat(getComputedStyle(element).fontSize);
      if (own && element.checkVisibility() && !(element instanceof SVGElement) && size < 18) found.push(`${size} px: ${element.textContent?.trim().slice(0, 40)}`);
    }
    return found;
  });
}

function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>("a[href], button, summary, select, input:not([type=hidden])")) {
      const box = element.getBoundingClientRect();
      // What waits outside the page for a keyboard, as the skip link does, is no target for a finger.
      const reachable = element.checkVisibility({ visibilityProperty: true }) && box.bottom > 0 && box.right > 0 && box.width > 1;
      if (reachable && (box.width < 47.5 || box.height < 47.5)) found.push(`${box.width.toFixed(0)} × ${box.height.toFixed(0)}: ${element.outerHTML.slice(0, 80)}`);
    }
    return found;
  });
}
