// The simulated vendor in a process of its own, for tests.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A file that the build puts into target/debug. */
export const built = (name) => fileURLToPath(new URL(`../../../target/debug/${name}`, import.meta.url));

/** Starts the simulator. Answers the settings that lead to it, and what ends it. */
export async function simulate(...options) {
  const arguments_ = ["simulate", "--port", "0", "--calls-per-minute", "0", ...options];
  const simulator = spawn(built("proofpoint"), arguments_, { stdio: ["ignore", "pipe", "ignore"] });
  const settings = { ctr_calls_per_minute: "0" };
  // PROOFPOINT_CTR_BASE_URL=http://127.0.0.1:… is the key ctr_base_url; the hosts of screenshots come last.
  for await (const line of createInterface({ input: simulator.stdout })) {
    const [, key, value] = line.match(/^PROOFPOINT_(\w+)=(.*)$/);
    settings[key.toLowerCase()] = value;
    if (key === "ITM_SCREENSHOT_HOSTS") break;
  }
  const stop = async () => {
    simulator.kill("SIGINT");
    await once(simulator, "exit");
  };
  return { settings, stop };
}
