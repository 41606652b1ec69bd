// Figures that are measured by the way, for BENCHMARKS.md.

/** Prints a figure, or the median of several with the least and the greatest; returns the median. */
export function report(what, values, unit) {
  const sorted = [values].flat().sort((left, right) => left - right);
  const middle = sorted[Math.floor(sorted.length / 2)];
  const range = sorted.length > 1 ? ` (${sorted[0]} to ${sorted.at(-1)}, ${sorted.length} runs)` : "";
  console.log(`figure: ${what}: ${middle} ${unit}${range}`);
  return middle;
}
