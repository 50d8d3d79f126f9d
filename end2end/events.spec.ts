import { sql } from "./lib/installation";
import { expect, sidewaysScroll, test } from "./lib/test";

test("the log is searched and shows everything again", async ({ page, open, say }) => {
  await open("events");
  const first = await page.locator("td.what").count();
  expect(first).toBeGreaterThan(0);
  await page.locator("input[name=q]").fill("no such words");
  await page.getByRole("button", { name: say("events-search") }).click();
  await expect(page.getByRole("heading", { name: say("events-none-found") })).toBeVisible();
  await page.getByRole("link", { name: say("events-show-all") }).click();
  await expect(page.locator("td.what")).toHaveCount(first);
});

test("a phone shows from where something was done", async ({ page, home }) => {
  const agent = "Mozilla/5.0 (Linux; Android 13; SM-A145F) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36";
  const address = "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff";
  sql(`INSERT INTO event_logs (farm_id, event_type, event_category, severity, message, ip_address, user_agent)
    VALUES ('${home.split("/")[2]}', 'house_changed', 'user', 'info', '', '${address}', '${agent}')`);
  await page.goto(`${home}/events`);
  const from = page.locator("td.from").filter({ hasText: address }).first();
  await expect(from).toContainText(`${address} Samsung Internet`);
  for (const width of [360, 320, 1024]) {
    await page.setViewportSize({ width, height: 740 });
    await expect(from).toBeVisible();
    expect(await sidewaysScroll(page), `${width} px wide`).toBe(0);
  }
});

// To some browsers what is laid out as blocks is no table any more, or has no groups of rows, unless it says so.
test("a phone reads the log out as a table", async ({ page, open, say }) => {
  await open("events");
  const browser = await page.context().newCDPSession(page);
  const { nodes } = await browser.send("Accessibility.getFullAXTree");
  const roles = (role: string) => nodes.filter((node) => !node.ignored && node.role?.value === role);
  const rows = await page.locator("table.table--log tr").count();
  const tables = await page.locator("table.table--log").count();
  expect(roles("table").length).toBe(tables);
  expect(roles("rowgroup").length, "a head and a body each").toBe(2 * tables);
  expect(roles("row").length).toBe(rows);
  expect(roles("columnheader").map((node) => node.name?.value)).toEqual(expect.arrayContaining(["time", "what", "who", "from"].map((column) => say(`events-${column}`))));
  // what came from nowhere has no cell on a phone
  expect(roles("cell").length).toBe(await page.locator("table.table--log td:not(:empty)").count());
});
