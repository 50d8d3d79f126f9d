import { end } from "./lib/installation";
import { expect, settled, signIn, test } from "./lib/test";

test("without Redis nobody notices anything", async ({ page, home, newNode, role }) => {
  const node = await newNode(22.5);
  await page.goto(home);
  await settled(page, true);
  end("redis");

  node.publish(23.5);
  await expect(page.locator(node.temperature)).toHaveAttribute("value", "23.5", { timeout: 1000 });
  for (let visit = 0; visit < 5; visit++) {
    expect((await page.goto(home))?.status()).toBe(200);
  }
  // no page may be open whose stream would then ask without a session
  await page.goto("about:blank");
  await page.context().clearCookies();
  await signIn(page, role);
  await expect(page.locator(node.temperature)).toHaveAttribute("value", "23.5");
});
