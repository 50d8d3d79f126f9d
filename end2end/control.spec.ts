import type { Locator } from "@playwright/test";
import { expect, settled, test } from "./lib/test";

// a controller must be registered, let in and heard of first
test.describe.configure({ timeout: 60_000 });
// who may switch, whatever the project
test.use({ role: "keeper" });

test("a tap reaches the device, and the page tells each step as it comes @scripts", async ({ page, home, newSwitch, say }) => {
  const fan = await newSwitch();
  await page.goto(`${home}/control`);
  await settled(page, true);
  await page.evaluate(() => ((window as any).sameDocument = true));
  const card = page.locator(fan.card);
  await expect(card).toHaveAttribute("data-state", "off");

  const tapped = Date.now();
  await card.locator("button.latch").click();
  const command = await fan.told();
  console.log(`from the tap to the device: ${command.came - tapped} ms`);
  expect(command.action).toBe("on");
  await expect(card).toHaveAttribute("data-state", "pending");
  await expect(card.locator(".latch--going")).toBeVisible();

  fan.answer(command, "executing");
  await expect(card).toContainText(say("command-executing"));
  await expect(card, "what it was told is not what it does").toHaveAttribute("data-state", "pending");
  fan.report("on", "command");
  fan.answer(command, "completed", { state: "on" });
  await expect(card).toHaveAttribute("data-state", "on");
  await expect(card.locator(".latch--on")).toBeVisible();
  await expect(card).toContainText(say("control-then-automatic"));
  expect(await page.evaluate(() => (window as any).sameDocument)).toBe(true);
});

test("the phone says at once that it has the tap, before the server has @scripts", async ({ page, home, newSwitch, say, expected }) => {
  const fan = await newSwitch();
  await page.goto(`${home}/control`);
  await settled(page, true);
  const card = page.locator(fan.card);
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route("**/api/tap", async (route) => {
    await held;
    await route.abort("internetdisconnected");
  });
  await card.locator("button.latch").click();
  await expect(card).toContainText(say("control-saved-here"));
  await expect(card.locator(".latch--going .walker")).toBeVisible();
  await expect(card).toHaveAttribute("data-state", "off");

  // and it is not sent after all: all is as it was, and says why
  expected.offline = true;
  letGo();
  await expect(page.locator(`${fan.card} + .device__refusal`)).toContainText(say("control-not-sent"));
  await expect(card.locator("button.latch")).toBeVisible();
  await page.unroute("**/api/tap");
  await card.locator("button.latch").press("Enter");
  expect((await fan.told()).action).toBe("on");
});

test("without an answer it says so, and never that it is on", async ({ page, home, newSwitch, say, javaScriptEnabled }) => {
  const fan = await newSwitch();
  await page.goto(`${home}/control`);
  await settled(page, javaScriptEnabled!);
  const card = page.locator(fan.card);
  // a form's answer is a page of its own
  const press = async (button: Locator) => {
    const answer = javaScriptEnabled ? null : page.waitForEvent("load");
    await button.click();
    await answer;
  };
  await press(card.locator("button.latch"));
  await fan.told();
  const look = async () => {
    if (!javaScriptEnabled) await page.reload();
    expect(await card.getAttribute("data-state")).not.toBe("on");
    return (await card.textContent()) ?? "";
  };
  await expect.poll(look, { timeout: 8_000 }).toContain(say("control-again"));
  await expect.poll(look, { timeout: 20_000 }).toContain(say("command-no-answer"));
  await expect(card).toHaveAttribute("data-state", "unknown");

  await press(card.getByRole("button", { name: say("control-again") }));
  const again = await fan.told();
  expect(again.command_id).not.toBe(fan.commands[0].command_id);
  fan.answer(again, "failed", { error: "no power" });
  await expect.poll(look).toContain("no power");
  await expect(card.locator(".latch--halted")).toBeVisible();
});

test("every step is reached by forms alone @plain", async ({ page, home, newSwitch, say }) => {
  const fan = await newSwitch();
  await page.goto(`${home}/control`);
  const card = page.locator(fan.card);
  await card.locator("button.latch").click();
  await expect(page).toHaveURL(/\/control#d-[0-9a-f-]{36}$/);
  const command = await fan.told();
  fan.answer(command, "executing");
  const check = page.getByRole("link", { name: say("home-check-now") });
  await expect
    .poll(async () => {
      await check.click();
      return card.textContent();
    })
    .toContain(say("command-executing"));
  fan.report("on", "command");
  fan.answer(command, "completed", { state: "on" });
  await expect
    .poll(async () => {
      await check.click();
      return card.getAttribute("data-state");
    })
    .toBe("on");

  // for a while, on its own page
  await card.locator("a.button--quiet").click();
  await page.locator('button[name="duration_ms"]').first().click();
  const timed = await fan.told();
  expect([timed.action, timed.duration_ms]).toEqual(["on", 15 * 60_000]);
});

test("Home has the same switches, and what is tapped there goes on there @scripts", async ({ page, home, newSwitch }) => {
  const fan = await newSwitch();
  await page.goto(home);
  await settled(page, true);
  const card = page.locator(fan.card);
  await card.locator("button.latch").click();
  const command = await fan.told();
  fan.answer(command, "executing");
  fan.report("on", "command");
  fan.answer(command, "completed", { state: "on" });
  await expect(card).toHaveAttribute("data-state", "on");
  await page.locator(".bar a").nth(1).click();
  await expect(page).toHaveURL(/\/control$/);
  await expect(page.locator('.bar a[aria-current="page"]')).toHaveAttribute("href", `${home}/control`);
});

test("feed drops for the time that its button says, and goes on with the one that was chosen last", async ({ page, home, newSwitch, javaScriptEnabled }) => {
  const feeder = await newSwitch("feeder");
  await page.goto(`${home}/control`);
  await settled(page, javaScriptEnabled!);
  const card = page.locator(feeder.card);
  await expect(card.locator("button.latch--act")).toContainText(/10|១០/);
  await card.locator("button.latch--act").click();
  const drop = await feeder.told();
  expect([drop.action, drop.duration_ms]).toEqual(["on", 10_000]);
  feeder.report("on", "command");
  feeder.answer(drop, "completed", { state: "on" });
  feeder.report("off", "timer");

  // the other times are a page further
  await expect
    .poll(async () => {
      await page.goto(`${home}/control`);
      return card.locator("button.latch--act").count();
    })
    .toBe(1);
  await card.locator("a.button--quiet").click();
  await page.locator('button[name="duration_ms"][value="30000"]').click();
  const longer = await feeder.told();
  expect([longer.action, longer.duration_ms]).toEqual(["on", 30_000]);
  feeder.report("on", "command");
  feeder.answer(longer, "completed", { state: "on" });
  feeder.report("off", "timer");
  await page.goto(`${home}/control`);
  await expect(card.locator('input[name="portion_ms"]')).toHaveValue("30000");
});

test("who looks at a device switches it there and stays there @scripts", async ({ page, home, newSwitch, say }) => {
  const fan = await newSwitch();
  const about = fan.about(home);
  await page.goto(about);
  await settled(page, true);
  await page.evaluate(() => ((window as any).sameDocument = true));
  const card = page.locator(fan.card);
  await expect(card).toHaveCount(1);
  await card.locator("button.latch").click();
  const command = await fan.told();
  fan.answer(command, "executing");
  await expect(card).toContainText(say("command-executing"));
  fan.report("on", "command");
  fan.answer(command, "completed", { state: "on" });
  await expect(card.locator(".latch--on")).toBeVisible();
  expect(await page.evaluate(() => (window as any).sameDocument)).toBe(true);
  await expect(page).toHaveURL(about);
});
