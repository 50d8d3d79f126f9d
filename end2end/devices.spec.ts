import { expect, settled, test } from "./lib/test";
import { fits, withFarm } from "./lib/farm";
import { Node } from "./lib/node";

/** From the box to a live value. */
const TWO_MINUTES = 120_000;

test("a controller is claimed by the code on its box, its device named, and its value is there", async ({ page, home, say, javaScriptEnabled, expected }) => {
  test.slow();
  // a wrong code
  expected.statuses.push(422);
  const node = Node.unclaimed();
  const scripts = javaScriptEnabled ?? true;
  await withFarm(page, { say, home, nodes: [node] }, async () => {
    const begun = Date.now();
    // from Home by the menu
    await page.locator("details.who > summary").click();
    await page.getByRole("navigation").getByRole("link", { name: say("devices-title"), exact: true }).click();
    await page.getByRole("link", { name: say("claim-title") }).first().click();
    await fits(page);
    await page.locator("input[name=code]").fill("zzzz 9999");
    await page.getByRole("button", { name: say("claim-submit") }).click();
    await expect(page.locator("#code-error")).toHaveText(say("claim-unknown"));
    await page.locator("input[name=code]").fill(`${node.code.slice(0, 4)} ${node.code.slice(4)}`.toLowerCase());
    await page.getByRole("button", { name: say("claim-submit") }).click();
    await expect(page).toHaveURL(/\/nodes\/[0-9a-f-]{36}$/);
    await expect(page.getByRole("status").filter({ hasText: say("done-node-claimed") })).toBeVisible();
    await expect(page.locator("main")).toContainText(say("node-waiting"));
    await settled(page, scripts);
    await fits(page);

    await node.speak(27.4);
    const value = page.locator(node.temperature);
    if (!scripts) await page.getByRole("link", { name: say("home-check-now") }).click();
    await expect(value).toHaveAttribute("value", "27.4");
    await fits(page);
    await page.locator("li", { has: value }).getByRole("link").click();
    await expect(page).toHaveURL(/\/edit$/);
    await expect(page.locator("input[name=kind][value=climate]")).toBeChecked();
    await page.locator("input[name=name]").fill("ទែម៉ូម៉ែត្រ ក្បែរទ្វារ");
    await fits(page);
    await page.getByRole("button", { name: say("device-accept") }).click();
    await expect(page).toHaveURL(/\/nodes\/[0-9a-f-]{36}$/);
    await expect(page.locator("main")).toContainText("ទែម៉ូម៉ែត្រ ក្បែរទ្វារ");

    await settled(page, scripts);
    node.publish(28.6);
    await expect
      .poll(async () => {
        if (!scripts) await page.getByRole("link", { name: say("home-check-now") }).click();
        return value.getAttribute("value");
      })
      .toBe("28.6");
    expect(Date.now() - begun).toBeLessThan(TWO_MINUTES);
  });
});

test("a box that was plugged in before its claim tells after it what it kept @scripts", async ({ page, home, say }) => {
  test.slow();
  const node = Node.unclaimed();
  const box = await until(() => node.plugIn());
  node.publish(26.1, 60);
  try {
    await withFarm(page, { say, home, nodes: [node] }, async (farm) => {
      await page.goto(`${farm}/claim?code=${node.code}`);
      await page.getByRole("button", { name: say("claim-submit") }).click();
      await expect(page).toHaveURL(/\/nodes\/[0-9a-f-]{36}$/);
      // nothing was taken from it so far: it is made to come anew, and tells all again
      await box.again();
      node.beginAnew();
      node.publish(26.1, 60);
      node.publish(26.4);
      await expect(page.locator(node.temperature)).toHaveAttribute("value", "26.4", { timeout: 15_000 });
    });
  } finally {
    box.close();
  }
});

test("a device goes out of use and comes back @plain", async ({ page, home, say }) => {
  await withFarm(page, { say, home }, async (farm, add) => {
    const node = await add(28.6);
    await page.goto(node.page(farm));
    const value = page.locator(node.temperature);
    await expect(page.locator("article.value", { has: value })).toBeVisible();
    await fits(page);
    await page.getByRole("button", { name: say("device-retire") }).click();
    await expect(page.getByRole("status").filter({ hasText: say("done-device-retired") })).toBeVisible();
    await page.getByRole("button", { name: say("device-restore") }).click();
    await expect(page.getByRole("status").filter({ hasText: say("done-device-restored") })).toBeVisible();
    await page.goto(farm);
    await expect(value).toHaveAttribute("value", "28.6");
  });
});

test("devices stand on pages in the order that a manager puts them in @plain", async ({ page, home, say }) => {
  test.slow();
  await withFarm(page, { say, home }, async (farm, add) => {
    const [first, second] = [await add(21), await add(22)];
    const listed = async () => {
      await page.goto(`${farm}/devices`);
      const rows = await page.locator('main a[href*="/devices/"] b').allTextContents();
      return rows.filter((name) => [first.device, second.device].includes(name));
    };
    const [upper, lower] = await listed();
    const last = [first, second].find((node) => node.device === lower)!;
    await page.goto(last.page(farm));
    await fits(page);
    await page.getByRole("button", { name: say("device-earlier") }).click();
    await expect(page.getByRole("status").filter({ hasText: say("done-saved") })).toBeVisible();
    expect(await listed()).toEqual([lower, upper]);
    await page.goto(last.page(farm));
    await page.getByRole("button", { name: say("device-later") }).click();
    expect(await listed()).toEqual([upper, lower]);
  });
});

test("a device goes on with a new part, under its name @plain", async ({ page, home, say }) => {
  test.slow();
  await withFarm(page, { say, home }, async (farm, add) => {
    const [old, part] = [await add(28), await add(29, false)];
    const address = old.page(farm);
    await page.goto(`${address}/replace`);
    await fits(page);
    await page.locator("select[name=with]").selectOption({ index: 1 });
    await page.getByRole("button", { name: say("device-replace") }).click();
    await expect(page).toHaveURL(address);
    await expect(page.getByRole("status").filter({ hasText: say("done-device-replaced") })).toBeVisible();
    await expect(page.locator("h1")).toHaveText(old.device);
    // what the new part says is its value now
    part.publish(29.5);
    await expect
      .poll(async () => {
        await page.goto(address);
        return page.locator("main data.reading").first().getAttribute("value");
      })
      .toBe("29.5");
  });
});

test("all devices of a controller go on at another one @plain", async ({ page, home, say }) => {
  test.slow();
  await withFarm(page, { say, home }, async (farm, add) => {
    const [old, box] = [await add(28), await add(29, false)];
    const address = old.page(farm);
    await page.goto(`${old.page(farm, "nodes")}/replace`);
    await fits(page);
    await page.locator("select[name=with]").selectOption({ label: box.name });
    await page.getByRole("button", { name: say("node-replace") }).click();
    await expect(page).toHaveURL(box.page(farm, "nodes"));
    await expect(page.getByRole("status").filter({ hasText: say("done-node-replaced") })).toBeVisible();
    // wired to the same connection as before
    box.device = old.device;
    box.publish(30.5);
    const value = page.locator(old.temperature);
    await expect
      .poll(async () => {
        await page.goto(address);
        return value.first().getAttribute("value");
      })
      .toBe("30.5");
    await expect.poll(() => old.isLetIn(), "the old one is shut out").toBe(false);
  });
});

test("a controller gets another password, and comes in by that alone @plain", async ({ page, home, say }) => {
  test.slow();
  await withFarm(page, { say, home }, async (farm, add) => {
    const node = await add(28);
    await page.goto(node.page(farm, "nodes"));
    await page.getByRole("link", { name: say("node-rotate") }).click();
    await fits(page);
    await page.getByRole("button", { name: say("node-rotate") }).click();
    const password = await page.locator("[data-password]").innerText();
    await fits(page);
    // it is still there after a reload, and gone once one has left
    await page.reload();
    await expect(page.locator("[data-password]")).toHaveText(password);
    await page.getByRole("link", { name: say("node-rotate-done") }).click();
    await expect(page).toHaveURL(/\/nodes\/[0-9a-f-]{36}$/);
    await page.goto(`${node.page(farm, "nodes")}/rotate`);
    await expect(page.locator("[data-password]")).toHaveCount(0);
    await expect.poll(() => node.isLetIn(), "with the old one").toBe(false);
    node.enter(password);
    await expect.poll(() => node.isLetIn(), "with the new one").toBe(true);
  });
});

test("a controller that is given away leaves with its devices, and its code brings it onto a farm @plain", async ({ page, home, say }) => {
  test.slow();
  await withFarm(page, { say, home }, async (farm, add) => {
    const node = await add(28);
    const own = node.page(farm, "nodes");
    await page.goto(own);
    await page.getByRole("link", { name: say("node-give") }).click();
    await fits(page);
    await page.getByRole("button", { name: say("node-give-verb") }).click();
    const code = await page.locator(".ticket .code").innerText();
    await fits(page);
    await page.reload();
    await expect(page.locator(".ticket .code")).toHaveText(code);
    await page.locator("main").getByRole("link", { name: say("devices-title") }).click();
    await expect(page.locator("main")).not.toContainText(node.name);
    await expect.poll(() => node.isLetIn(), "its password has ended").toBe(false);

    await page.goto(`${farm}/claim`);
    await page.locator("input[name=code]").fill(code);
    await page.getByRole("button", { name: say("claim-submit") }).click();
    await expect(page).toHaveURL(own);
    await page.locator(".note--warn").click();
    await page.getByRole("button", { name: say("node-rotate") }).click();
    node.enter(await page.locator("[data-password]").innerText());
    await expect.poll(() => node.isLetIn(), "with the one that its farm made").toBe(true);
    await page.goto(own);
    await expect(page.locator(".note--warn")).toHaveCount(0);
  });
});

/** What fails while the broker does not know the node yet. */
async function until<T>(what: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await what();
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
