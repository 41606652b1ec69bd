import type { ReadonlyUint8Array } from "@solana/kit";

/** An IPv4 address as instructions take it, as in `parseIpv4("195.219.138.50")`. */
export function parseIpv4(text: string): ReadonlyUint8Array {
  const octets = text.split(".").map((octet) => {
    const value = Number(octet);
    return String(value) === octet && value >= 0 && value <= 255 ? value : NaN;
  });
  if (octets.length !== 4 || octets.some(Number.isNaN)) {
    throw new RangeError(`not an IPv4 address: ${text}`);
  }
  return Uint8Array.from(octets);
}

/** An IPv4 address as people write it. */
export function formatIpv4(octets: ReadonlyUint8Array): string {
  return octets.join(".");
}

/** A country (ISO 3166-1 alpha-2) as instructions take it, as in `parseCountry("NL")`. */
export function parseCountry(text: string): ReadonlyUint8Array {
  if (!/^[A-Z]{2}$/.test(text)) {
    throw new RangeError(`not a country of two capital letters: ${text}`);
  }
  return new TextEncoder().encode(text);
}
