// Finishes what the compiler leaves open: copies the shipped networks and their cards beside the compiled code, where
// `zoo:NAME` looks for them, and marks the command as executable, without which `npx tritrack` is refused in a checkout.
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";

const from = "policies/zoo";
const to = "dist/policies/zoo";
mkdirSync(to, { recursive: true });
for (const name of readdirSync(from))
  if (/\.(safetensors|json|md)$/.test(name)) cpSync(`${from}/${name}`, `${to}/${name}`);

const { bin } = JSON.parse(readFileSync("package.json", "utf8"));
for (const command of Object.values(bin)) chmodSync(command, 0o755);

// Hosts in other languages take the environment as one file: docs/core.md.
cpSync("env/car-racing/core/carracing.wasm", "dist/env/car-racing/core/carracing.wasm");
