import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { ALL_PAGES, expect, settled, sidewaysScroll, test } from "./lib/test";

// One visit for everything that is asked of every page; what is wrong is told of all of it, not of the first only.
for (const name of ALL_PAGES) {
  test(`${name} fits a phone, can be read and touched, and axe finds nothing`, async ({ page, open, javaScriptEnabled }) => {
    await page.emulateMedia({ colorScheme: "light" });
    await open(name);
    for (const width of [320, 360]) {
      await page.setViewportSize({ width, height: 740 });
      expect.soft(await sidewaysScroll(page), `${width} px wide`).toBe(0);
    }
    expect.soft(await smallTexts(page), "text under 18 px").toEqual([]);
    expect.soft(await smallTargets(page), "targets under 48 × 48 px").toEqual([]);
    if (!javaScriptEnabled) return;
    await settled(page, true);
    expect.soft(await violations(page), "axe, light").toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect.soft(await violations(page, CONTRAST), "axe, dark").toEqual([]);
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
