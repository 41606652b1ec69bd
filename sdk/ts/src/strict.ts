import type { Codec, ReadonlyUint8Array } from "@solana/kit";

import { corrupt } from "./error.js";

/**
 * Reads bytes that a codec could have written, and what follows them.
 *
 * Codecs alone are lenient: they take any byte for a boolean, mend broken UTF-8
 * and pass over what pads a text. What encodes to other bytes was not read right.
 */
export function decodeStrictly<TFrom, TTo extends TFrom>(
  codec: Codec<TFrom, TTo>,
  data: ReadonlyUint8Array,
): { rest: ReadonlyUint8Array; value: TTo } {
  let value: TTo, encoded: ReadonlyUint8Array;
  try {
    value = codec.decode(data);
    encoded = codec.encode(value);
  } catch (error) {
    throw corrupt(error);
  }
  if (!encoded.every((byte, index) => byte === data[index])) {
    throw corrupt();
  }
  return { rest: data.slice(encoded.length), value };
}
