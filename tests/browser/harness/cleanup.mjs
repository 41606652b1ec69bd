const endings = new WeakMap();

/** Runs `end` when the test is over, the last one first: what was started on a folder ends before the folder goes. */
export function atEnd(test, end) {
  if (!endings.has(test)) {
    endings.set(test, []);
    test.after(async () => {
      for (const end of endings.get(test).reverse()) await end();
    });
  }
  endings.get(test).push(end);
}
