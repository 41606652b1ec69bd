/** The fixtures that Rust and TypeScript share: a name, then indented lines of what it holds. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import {
  AccountRole,
  address,
  getAddressDecoder,
  getBase16Encoder,
  type Address,
  type ReadonlyUint8Array,
} from "@solana/kit";

export class Entry {
  readonly lines: string[] = [];

  constructor(readonly name: string) {}

  /** The bytes in the line that begins with `data`. */
  get data(): ReadonlyUint8Array {
    return getBase16Encoder().encode(this.line("data"));
  }

  get address(): Address {
    return address(this.line("address"));
  }

  get accounts(): { address: Address; role: AccountRole }[] {
    return this.lines
      .map((line) => line.split(" "))
      .filter(([word]) => word === "account")
      .map(([, flags = "", key = ""]) => ({
        address: address(key),
        role:
          (flags.includes("s") ? AccountRole.READONLY_SIGNER : 0) |
          (flags.includes("w") ? AccountRole.WRITABLE : 0),
      }));
  }

  private line(word: string): string {
    const line = this.lines.find((line) => line.startsWith(`${word} `));
    assert(line !== undefined, `${this.name} has no ${word}`);
    return line.slice(word.length + 1);
  }
}

export function readFixture(name: string): Map<string, Entry> {
  const url = new URL(`../../../../tests/golden/${name}`, import.meta.url);
  const entries = new Map<string, Entry>();
  let entry: Entry | undefined;
  for (const line of readFileSync(url, "utf8").split("\n")) {
    if (line.startsWith("  ")) {
      entry?.lines.push(line.slice(2));
    } else if (line !== "") {
      entry = new Entry(line);
      entries.set(line, entry);
    }
  }
  return entries;
}

export function find(fixture: Map<string, Entry>, name: string): Entry {
  const entry = fixture.get(name);
  assert(entry !== undefined, `the fixture has no ${name}`);
  return entry;
}

/** The address whose bytes are all the same. */
export function key(byte: number): Address {
  return getAddressDecoder().decode(new Uint8Array(32).fill(byte));
}
