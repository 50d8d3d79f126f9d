import { expect, settled, signIn, speak, test } from "./lib/test";

test("a node's reading is on the open page within a second, without a reload @scripts", async ({ page, home, newNode, request, context }) => {
  const node = await newNode(27.1);
  await page.goto(home);
  await settled(page, true);
  const value = page.locator(node.temperature);
  await expect(value).toHaveAttribute("value", "27.1");
  await page.evaluate(() => ((window as any).sameDocument = true));

  node.publish(28.5);
  await expect(value).toHaveAttribute("value", "28.5", { timeout: 1000 });
  await expect(value).toContainText("28.5");
  expect(await page.evaluate(() => (window as any).sameDocument)).toBe(true);

  const plain = await request.get(home, { headers: { cookie: (await context.cookies()).map((c) => `${c.name}=${c.value}`).join("; ") } });
  expect(await plain.text()).toMatch(new RegExp(`<data[^>]* value="28.5"[^>]* data-device="${node.device}"`));
});

test("an older reading that comes late does not replace the newer one @scripts", async ({ page, home, newNode }) => {
  const node = await newNode(25);
  const marker = await newNode(20);
  await page.goto(home);
  await settled(page, true);
  const value = page.locator(node.temperature);
  node.publish(26.5);
  await expect(value).toHaveAttribute("value", "26.5");
  node.publish(19.5, 600);
  // what comes after it is there, so it has been dealt with itself
  marker.publish(20.5);
  await expect(page.locator(marker.temperature)).toHaveAttribute("value", "20.5");
  await expect(value).toHaveAttribute("value", "26.5");
  await page.reload();
  await expect(value).toHaveAttribute("value", "26.5");
});

test("a new device shows its values before it is approved, and moves when it is @scripts", async ({ page, home, newNode }) => {
  await page.goto(home);
  await settled(page, true);
  const node = await newNode(23.1, false);
  const value = page.locator(node.temperature);
  await expect(value).toHaveAttribute("value", "23.1");
  const waiting = page.locator("li", { has: value });
  await expect(waiting).toBeVisible();
  node.publish(23.9);
  await expect(value).toHaveAttribute("value", "23.9");
  node.approve();
  await expect(page.locator("article.value", { has: value })).toBeVisible();
  await expect(waiting).toHaveCount(0);
});

test("who signs out in one tab is signed out in the others @scripts", async ({ page, context, role, language, say }) => {
  await signIn(page, role);
  await speak(page, language);
  await settled(page, true);
  const other = await context.newPage();
  await other.goto(page.url());
  await other.locator("details.who > summary").click();
  await other.getByRole("button", { name: say("sign-out") }).click();
  await expect(page).toHaveURL(/\/sign-in/, { timeout: 2000 });
});

test("one tab holds one stream @scripts", async ({ page, home }) => {
  await settled(page, true);
  await page.goto("about:blank");
  const streams: string[] = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname.endsWith("/live")) streams.push(request.url());
  });
  await page.goto(home);
  await settled(page, true);
  await page.waitForTimeout(1000);
  expect(streams).toHaveLength(1);
});
