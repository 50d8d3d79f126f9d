import type { Page } from "@playwright/test";
import { ALL_PAGES, expect, sidewaysScroll, test } from "./lib/test";

for (const name of ALL_PAGES) {
  test(`${name} fits a phone, also a narrow one`, async ({ page, open }) => {
    await open(name);
    for (const width of [360, 320]) {
      await page.setViewportSize({ width, height: 740 });
      expect(await sidewaysScroll(page), `${width} px wide`).toBe(0);
    }
  });

  test(`${name} can be read and touched without glasses`, async ({ page, open }) => {
    await open(name);
    expect(await smallTexts(page), "text under 18 px").toEqual([]);
    expect(await smallTargets(page), "targets under 48 × 48 px").toEqual([]);
  });
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
