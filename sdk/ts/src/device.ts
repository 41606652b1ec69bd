import type { Device } from "./generated/accounts/index.js";
import { ProvisioningStatus } from "./generated/types/index.js";

/** Draining, and no session left. Derived, never stored. */
export function isDrained(
  device: Pick<Device, "provisioningStatus" | "sessions">,
): boolean {
  return (
    device.provisioningStatus === ProvisioningStatus.Draining &&
    device.sessions === 0
  );
}
