/** Copies the shipped networks and their cards beside the compiled code, where `zoo:NAME` looks for them. */
import { cpSync, mkdirSync, readdirSync } from "node:fs";

const from = "policies/zoo";
const to = "dist/policies/zoo";
mkdirSync(to, { recursive: true });
for (const name of readdirSync(from))
  if (/\.(safetensors|json|md)$/.test(name)) cpSync(`${from}/${name}`, `${to}/${name}`);
