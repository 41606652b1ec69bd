// A page under the Tab key.

/** The elements that a person may use, in the document's order, each with what it looks like at rest. */
const numberControls = (page) =>
  page.evaluate(() => {
    const seen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: false });
    const controls = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
      .filter((element) => seen(element) && !element.disabled && element.tabIndex >= 0 && element.type !== "hidden");
    window.ebbLook = (element) => {
      const { outlineStyle, outlineWidth, boxShadow, backgroundColor, borderColor, textDecorationLine } =
        getComputedStyle(element);
      const outline = outlineStyle === "none" ? "none" : outlineWidth;
      return [outline, boxShadow, backgroundColor, borderColor, textDecorationLine].join(" | ");
    };
    window.ebbControls = controls.map((element) => ({ element, rest: window.ebbLook(element) }));
    return controls.map((element) => element.outerHTML.slice(0, 160));
  });

/** What has the focus: its number among the controls, whether that shows, and whether anything hides it. */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    const number = window.ebbControls.findIndex((control) => control.element === element);
    if (number < 0) return { number };
    const marked = window.ebbLook(element) !== window.ebbControls[number].rest;
    const box = element.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const uncovered = top !== null && (element.contains(top) || top.contains(element) || top.closest("label")?.control === element);
    return { number, marked, uncovered };
  });

/** Presses Tab from the top of a page to its end, and returns the controls and the stops in their order. */
export async function walk(page) {
  const controls = await numberControls(page);
  const stops = [];
  for (let presses = 0; presses <= controls.length; presses += 1) {
    await page.keyboard.press("Tab");
    // Pico fades its focus ring in.
    await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
    const stop = await focused(page);
    if (stop.number < 0) break;
    stops.push(stop);
  }
  return { controls, stops };
}

/** Presses Tab until what the selector names has the focus. */
export async function tabTo(page, selector) {
  const target = page.locator(selector).first();
  for (let presses = 0; presses < 100; presses += 1) {
    await page.keyboard.press("Tab");
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`Tab does not reach ${selector}`);
}
