import { expect, sidewaysScroll, test } from "./lib/test";

test("a farm is made in four steps, by buttons alone", async ({ page, home, say }) => {
  const name = `Wizard ${Date.now()}`;
  await page.goto("/welcome");
  await page.locator("input[name=name]").fill(name);
  await next();
  await page.locator("button[value=more-houses]").click();
  await expect(page.locator("input[name=houses]")).toHaveValue("2");
  await page.locator("input[name=house-2]").fill("North");
  // Enter is the same as the big button, and no − or +
  await page.locator("input[name=house-2]").press("Enter");
  await page.locator("button[value=more-birds]").click();
  await page.locator("button[value=older]").click();
  await expect(page.locator("input[name=birds]")).toHaveValue("50");
  await page.setViewportSize({ width: 320, height: 740 });
  expect(await sidewaysScroll(page)).toBe(0);
  await next();
  await expect(page.locator("main")).toContainText(name);
  await page.getByRole("button", { name: say("welcome-make") }).click();
  await expect(page).toHaveURL((url) => /^\/farms\/[0-9a-f-]{36}$/.test(url.pathname) && url.pathname !== home);
  await expect(page.getByRole("status").filter({ hasText: say("done-farm-made") })).toBeVisible();
  await expect(page.locator("main")).toContainText("North");

  await page.goto(`${new URL(page.url()).pathname}/settings/delete`);
  await page.locator("input[name=name]").fill(name.toUpperCase());
  await page.getByRole("button", { name: say("settings-delete") }).click();
  await expect(page).toHaveURL(/\/farms$/);
  await page.goto(home);

  async function next(): Promise<void> {
    await page.getByRole("button", { name: say("next") }).click();
  }
});

test("− and + leave the page where it is, and the pressed one in focus", async ({ page, home, say, javaScriptEnabled }) => {
  await page.goto("/welcome");
  await page.locator("input[name=name]").fill("Steps");
  await page.getByRole("button", { name: say("next") }).click();
  await page.getByRole("button", { name: say("next") }).click();
  let asked = 0;
  page.on("request", (request) => {
    if (request.method() === "POST") asked += 1;
  });
  const [plus, minus, age] = [page.locator("button[value=older]"), page.locator("button[value=younger]"), page.locator("input[name=age]")];
  for (const [button, value] of [[plus, "1"], [plus, "2"], [minus, "1"], [minus, "0"], [minus, "0"]] as const) {
    await button.scrollIntoViewIfNeeded();
    await button.click();
    await expect(age).toHaveValue(value);
    await expect(button).toBeFocused();
    await expect(button).toBeInViewport();
    if (javaScriptEnabled) await expect(page.locator("output[for=age]")).toHaveText(value);
  }
  expect(asked).toBe(javaScriptEnabled ? 0 : 5);
  await page.goto(home);
});

test("numbers are stepped as they were typed, within their bounds @scripts", async ({ page, home, say }) => {
  await page.goto("/welcome");
  await page.locator("input[name=name]").fill("Steps");
  await page.getByRole("button", { name: say("next") }).click();
  const [houses, more] = [page.locator("input[name=houses]"), page.locator("button[value=more-houses]")];
  await expect(page.locator("input[name=house-3]")).toBeHidden();
  await houses.fill("៣");
  await expect(page.locator("input[name=house-3]")).toBeVisible();
  for (const [typed, value] of [["11", "12"], ["12", "12"], ["many", "many"], ["", "1"]]) {
    await houses.fill(typed);
    await more.click();
    await expect(houses).toHaveValue(value);
  }
  await expect(page.locator("input[name=house-2]")).toBeHidden();
  await page.getByRole("button", { name: say("next") }).click();
  const birds = page.locator("input[name=birds]");
  await birds.fill("១,៥០០");
  await page.locator("button[value=more-birds]").click();
  await expect(birds).toHaveValue("1550");
  await page.goto(home);
});

test("a form whose answer is lost can be sent again after ten seconds @scripts", async ({ page, home }) => {
  await page.goto("/welcome");
  // whether a tap that many milliseconds after the page was opened sends the form
  const sends = (at: number) =>
    page.evaluate((at) => {
      const event = new SubmitEvent("submit", { bubbles: true, cancelable: true });
      Object.defineProperty(event, "timeStamp", { value: at });
      return document.querySelector("main form")!.dispatchEvent(event);
    }, at);
  const sent: boolean[] = [];
  for (const at of [1_000, 5_000, 10_999, 11_000, 12_000]) sent.push(await sends(at));
  expect(sent).toEqual([true, false, false, true, false]);
  await page.goto(home);
});
