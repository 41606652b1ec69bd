// A fleet in the middle of a maintenance window, as the README's examples have it.

const LOCATIONS = [
  "ams,Amsterdam,NL,52.37,4.90,2",
  "fra,Frankfurt,DE,50.11,8.68,1",
  "ld4,London,GB,51.52,-0.64,2",
  "ny5,New York,US,40.78,-74.07,1",
  "sg1,Singapore,SG,1.30,103.79,1",
  "tyo,Tokyo,JP,35.62,139.75,0",
];

const DEVICES = [
  "ams-dz001,ams,hybrid,195.219.138.50,128",
  "ams-dz002,ams,hybrid,195.219.138.51,128",
  "ams-dz003,ams,edge,195.219.138.52,64",
  "fra-dz001,fra,hybrid,195.219.220.18,128",
  "fra-dz002,fra,transit,195.219.220.19,256",
  "ld4-dz01,ld4,hybrid,195.12.227.250,128",
  "ld4-dz02,ld4,hybrid,195.12.227.251,128",
  "ld4-dz03,ld4,edge,195.12.227.252,64",
  "ny5-dz001,ny5,hybrid,64.86.249.80,128",
  "ny5-dz002,ny5,hybrid,64.86.249.81,128",
  "sg1-dz001,sg1,hybrid,180.87.102.98,128",
  "sg1-dz002,sg1,edge,180.87.102.99,64",
  "sg1-dz003,sg1,hybrid,180.87.102.100,128",
  "tyo-dz001,tyo,hybrid,180.87.154.112,128",
  "tyo-dz002,tyo,hybrid,180.87.154.113,128",
];

const PENDING = "tyo-dz002";

/**
 * Sets the fleet up, and returns the users who are left on each device: four devices drain, one of them drained, one is
 * retired, one pending, one unhealthy, and one has a hold. `pause` is in milliseconds between two who leave.
 */
export async function furnish(ledger, pause = 0) {
  await ledger.locations(LOCATIONS);
  await ledger.devices(DEVICES);
  const codes = DEVICES.map((line) => line.split(",", 1)[0]).filter((code) => code !== PENDING);
  await ledger.ebb("device", "activate", ...codes);

  const users = {};
  for (const [code, count] of [["ams-dz001", 12], ["ld4-dz01", 5], ["fra-dz002", 6], ["sg1-dz003", 9], ["ny5-dz001", 3]]) {
    users[code] = await ledger.openSessions(code, count);
  }
  for (const code of codes) {
    await ledger.ebb("device", "report-health", code, code === "ny5-dz002" ? "unhealthy" : "healthy");
  }
  await ledger.ebb(
    ...["device", "hold", "sg1-dz001", "--kind", "critical-traffic", "--for", "6h"],
    ...["--reason", "exchange opens at 01:00Z"],
  );

  await ledger.drain("ld4-dz01", "--deadline", "60s", "--reason", "power feed B is moved");
  await ledger.drain("ams-dz001", "--deadline", "30m", "--until", "2h", "--reason", "replace line card");
  await ledger.drain("fra-dz002", "--deadline", "45m", "--until", "4h", "--reason", "kernel upgrade");
  await ledger.drain("sg1-dz003", "--no-deadline", "--until", "7h", "--reason", "rack is moved to cage 14");
  await ledger.drain("tyo-dz001", "--no-deadline", "--reason", "leaves the network");
  await ledger.ebb(
    ...["device", "hold", "ams-dz001", "--kind", "pending-task", "--for", "3h"],
    ...["--reason", "optics are being cleaned"],
  );
  await ledger.closeSessions("ams-dz001", users["ams-dz001"].splice(0, 7), pause);
  await ledger.closeSessions("ld4-dz01", users["ld4-dz01"].splice(0, 3), pause);
  await ledger.closeSessions("sg1-dz003", users["sg1-dz003"].splice(0, 1), pause);
  await ledger.closeSessions("fra-dz002", users["fra-dz002"].splice(0), pause);
  await ledger.ebb("device", "retire", "tyo-dz001", "--yes");
  return users;
}
